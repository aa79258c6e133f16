"""Brackets: an entry with its protection, a stop and a target of which one cancels the other."""
