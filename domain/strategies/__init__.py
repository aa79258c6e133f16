"""Strategies: who leads, which signals were given, and who follows with how much."""
