"""How a large image is cut, and how a map is joined."""
