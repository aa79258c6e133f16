"""The command `patriot`."""
