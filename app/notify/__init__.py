"""Word to the outside about how runs go."""
