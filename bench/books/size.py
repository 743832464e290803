"""How large a company is that has so many deliveries."""

from dataclasses import dataclass

A_MILLION = 1_000_000
FIRST_YEAR_DAYS = 730
LAST_YEAR_DAYS = 1826


@dataclass(frozen=True)
class Size:
    """A company that grows as companies do: with a hundred times the deliveries it has twenty times the customers.

    A representative has twenty customers and a supervisor eight representatives at any size, so what lies on one
    person's desk stays the same while the company's figures grow.
    """

    deliveries: int

    @property
    def _share(self) -> float:
        return self.deliveries / A_MILLION

    @property
    def customers(self) -> int:
        """400 at ten thousand deliveries, 8,000 at a million."""
        return max(round(8000 * self._share**0.65), 20)

    @property
    def products(self) -> int:
        """About 300 at ten thousand, 2,000 at a million."""
        return max(round(2000 * self._share**0.4), 40)

    @property
    def representatives(self) -> int:
        """One for twenty customers."""
        return max(self.customers // 20, 2)

    @property
    def teams(self) -> int:
        """One for eight representatives."""
        return max(self.representatives // 8, 2)

    @property
    def areas(self) -> int:
        """Parts of the company, each with a regional manager: two to eight."""
        return min(max(self.teams // 2, 2), 8)

    @property
    def warehouses(self) -> int:
        """Two, and six for a large company."""
        return 2 if self.customers < 2000 else 6

    @property
    def days(self) -> int:
        """Two years for ten thousand, five for a million."""
        return FIRST_YEAR_DAYS if self.deliveries <= 100_000 else LAST_YEAR_DAYS
