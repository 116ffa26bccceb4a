"""Stock and prices: which offers there are, and how they are changed."""
