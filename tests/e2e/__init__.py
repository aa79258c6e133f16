"""The whole system, as a user has it."""
