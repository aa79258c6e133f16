"""Real servers and small helpers for tests and benchmarks."""
