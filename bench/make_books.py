"""Make books of any size in the database that DATABASE_URL names, which is migrated and empty.

python -m bench.make_books --deliveries 10000
"""

import argparse
import os

import django


def main() -> None:
    """Make them, and say what there is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--deliveries", type=int, default=10_000)
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesops.settings")
    django.setup()
    from bench.books.making import make_books

    made = make_books(asked.deliveries)
    size = made.size
    print(
        f"{size.deliveries:,} deliveries of {size.customers:,} customers, {size.representatives} representatives and"
        f" {size.teams} supervisors in {made.seconds:.0f} s"
    )


if __name__ == "__main__":
    main()
