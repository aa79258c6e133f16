"""What is true: values, commands, events and the pure decisions between them."""
