"""A simulated venue on recorded order books, with faults on demand."""
