"""Kafka: producing the log, consuming records."""
