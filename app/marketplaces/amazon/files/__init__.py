"""Documents that are sent and fetched: feeds, reports, and waiting for both."""
