"""Pictures: functions that take what metrics and runs return, and give back a `Picture`."""

from helpers.plots.picture import Picture

__all__ = ["Picture"]
