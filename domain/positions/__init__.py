"""Positions: one net position for each account and instrument, moved only by fills."""
