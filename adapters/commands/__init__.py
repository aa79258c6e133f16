"""From a command to a durable answer: aggregates in memory, decisions in batches, one commit each."""
