"""manage.py make_demo: fills an empty database with the demo company."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from salesops.demo.company import SEED, make_company
from salesops.kernel.errors import RuleBroken


class Command(BaseCommand):
    help = "Fill an empty database with the demo company: two years of deliveries, shipments and payments up to today."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=SEED, help="another number makes other orders and amounts")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = make_company(seed=options["seed"])
        except RuleBroken as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(
            f"{made.people} people, {made.customers} customers, {made.products} products, {made.deliveries} deliveries,"
            f" {made.shipments} shipments, {made.payments} payments, {made.waiting} cases wait ({made.seconds:.1f} s)"
        )
