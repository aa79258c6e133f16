"""From a command to a durable answer: aggregates in memory, batches decided, one commit each."""
