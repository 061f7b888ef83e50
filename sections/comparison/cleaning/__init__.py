"""Labels that look wrong, left out: what that changes."""
