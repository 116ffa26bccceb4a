"""The shop in our own database."""
