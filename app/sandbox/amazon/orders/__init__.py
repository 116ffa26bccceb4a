"""Orders: what they are, what becomes of them, and the two calls that read them."""
