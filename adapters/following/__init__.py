"""The role follow: intents of strategies become orders of followers, once each."""
