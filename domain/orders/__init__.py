"""Orders: from the trader's intent to the venue's last word."""
