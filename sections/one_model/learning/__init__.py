"""How a network learns: its layers, its curves, its overfitting."""
