"""The ports in memory: product code, deterministic, used by simulations and tests."""
