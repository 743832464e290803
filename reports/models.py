"""The tables of all features of this app, where Django looks for them."""

from .statistics.models import IssuedStatistic, ScheduledPlace, Subscription

__all__ = ["IssuedStatistic", "ScheduledPlace", "Subscription"]
