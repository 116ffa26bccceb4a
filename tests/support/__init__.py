"""What several test folders build with."""
