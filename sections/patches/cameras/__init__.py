"""The same ground seen by other cameras."""
