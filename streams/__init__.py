"""What moves: the relay and the workers that carry the log to read models and venues."""
