"""Users: who is registered, with which roles, and whose personal data can still be read."""
