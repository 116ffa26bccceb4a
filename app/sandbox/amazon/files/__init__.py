"""Documents behind signed addresses, and the feeds and reports that take and make them."""
