"""Shares of limits that are wider than an account."""
