"""Which errors would be worth mending first."""
