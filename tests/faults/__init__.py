"""The command service and its database as processes: killed, frozen, starved and cut off."""
