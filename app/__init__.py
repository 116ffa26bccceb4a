"""marketcron: token-protected cron URLs between marketplaces and a shop."""
