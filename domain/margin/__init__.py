"""Margin: what a venue wants behind a position, and the prices at which it takes the position."""
