"""Version 1 of the wire contracts, package patriot.v1."""
