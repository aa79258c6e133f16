"""Benchmarks: each row beside its reference, in the same run on the same machine; never a test."""
