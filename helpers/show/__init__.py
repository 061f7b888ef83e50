"""Pictures: functions that take what metrics and runs return, and give back a `Picture`."""

from helpers.show.picture import Picture

__all__ = ["Picture"]
