"""PostgreSQL: the log and the read models."""
