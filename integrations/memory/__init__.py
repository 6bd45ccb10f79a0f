"""The embedded world: a simulated cluster and its releases, for the demo and for tests. Shipped, and held to the same contract as the real thing."""
