"""Risk: limits, reservations and halts of an account, decided before anything leaves the house."""
