"""Named subscriptions: what a consumer's answers mean, and the session that delivers to it."""
