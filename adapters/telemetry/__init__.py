"""What a running role tells its operators: logs, metrics, health."""
