"""How Amazon is told of parcels: call by call, or in a feed."""
