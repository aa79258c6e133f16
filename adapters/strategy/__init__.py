"""A demonstration strategy: a client like any other, with nothing but a token and two addresses."""
