"""What is shown: pure folds from events to rows, one module for each read model."""
