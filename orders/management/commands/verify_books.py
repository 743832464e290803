"""Prove that the books add up, or say what does not."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from orders.proof.verification import Difference, by_claim, one_moment, were_cut


class Command(BaseCommand):
    """Compares every kept figure with its rows, all as of one moment; exits with 1 where one differs."""

    help = "Compare every kept figure with the rows that it is the sum of; say each difference with its documents."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=["text", "json"], default="text", help="json: one object, for programs")
        parser.add_argument("--most", type=int, default=100, help="so many differences of one claim are said (100)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["most"] < 1:
            raise CommandError("--most is 1 or more")
        found: list[Difference] = []
        with one_moment():
            for claim, differing, seconds in by_claim(options["most"]):
                found += differing
                if options["verbosity"] > 1:
                    self.stderr.write(f"{seconds:7.2f} s  {claim.key}")
        self.stdout.write(in_json(found) if options["format"] == "json" else in_lines(found))
        if found:
            raise CommandError(f"{'at least ' if were_cut(found) else ''}{len(found)} differences")


def in_lines(found: list[Difference]) -> str:
    """Return a line for each difference, with the numbers to look at."""
    if not found:
        return "The books add up."
    return "\n".join(f"{one}  [{', '.join(place.number for place in one.documents)}]" for one in found)


def in_json(found: list[Difference]) -> str:
    """Return the differences as one object, each with its sentence and the addresses of its documents."""
    differences = [
        {
            **one.as_json(),
            "words": str(one),
            "documents": [{"kind": place.kind, "number": place.number, "url": place.url} for place in one.documents],
        }
        for one in found
    ]
    return json.dumps({"adds_up": not found, "differences": differences}, indent=2, ensure_ascii=False)
