"""How shipments are confirmed: call by call, or in a feed."""
