"""Instruments: the venue's trading rules for one symbol, versioned as events."""
