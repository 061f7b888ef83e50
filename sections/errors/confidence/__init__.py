"""Whether the network knows which pixels it gets wrong."""
