"""The command `patriot`: the composition root that puts adapters and streams together."""
