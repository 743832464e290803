"""The one table of the kernel: the last number given out in each series and year."""

from django.db import models


class NumberSeries(models.Model):
    """The counter of one series (DL, SH, PM ...) in one year; its row is the lock."""

    series = models.CharField(max_length=4)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "year"], name="one_counter_a_series_and_year")]

    def __str__(self) -> str:
        return f"{self.series}-{self.year}"
