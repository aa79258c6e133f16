"""Accounts: whose they are, at which venue, and whether they may trade."""
