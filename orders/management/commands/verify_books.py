"""Prove that the books add up, or say what does not."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from orders.verification import differences


class Command(BaseCommand):
    """Compares every kept figure with its rows; exits with 1 where one differs."""

    help = "Compare every kept figure with the rows that it is the sum of; say each difference."

    def handle(self, *args: Any, **options: Any) -> None:
        found = differences()
        for said in found:
            self.stdout.write(said)
        if found:
            raise CommandError(f"{len(found)} differences")
        self.stdout.write("The books add up.")
