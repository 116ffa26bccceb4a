"""Mirakl: the platform behind many operators. Every operator is a tenant of its own: address, key, carriers, rules."""
