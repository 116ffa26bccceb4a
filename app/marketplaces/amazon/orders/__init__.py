"""Lists of orders, what their amounts mean, and many orders in a few words."""
