"""Chapter 09: how much worse a network is on the streets of another country, why, and what helps."""
