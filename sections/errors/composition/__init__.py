"""Wrong pixels by kind: borders, whole regions, classes taken for one another."""
