"""What the shop does beside keeping rows: prices, totals, orders, states and stock."""
