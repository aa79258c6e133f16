"""Proof beyond the database: signed heads, archives, and the check of a log against both."""
