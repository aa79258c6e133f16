"""The pre-trade checks: one function each, one ordered table (table.py)."""
