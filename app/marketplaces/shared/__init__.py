"""What adapters of marketplaces have in common; it knows none of them."""
