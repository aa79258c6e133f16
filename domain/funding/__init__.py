"""Funding: what a position paid or received for being held, as the venue says it."""
