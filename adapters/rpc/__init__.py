"""gRPC: commands, queries and the log for clients."""
