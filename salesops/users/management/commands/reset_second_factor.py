"""manage.py reset_second_factor admin --reason "phone lost": for the last administrator who is locked out."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from salesops.kernel.errors import RuleBroken
from salesops.users.models import User
from salesops.users.secondfactor.services import reset_second_factor


class Command(BaseCommand):
    """Ends somebody's second factor; the password stays. It stands in the record of sign-ins as done by the system."""

    help = "Reset the second factor of somebody who lost it, where no administrator can."

    def add_arguments(self, parser: CommandParser) -> None:
        """A user name, and why."""
        parser.add_argument("username")
        parser.add_argument("--reason", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Reset it, or say why not."""
        person = User.objects.filter(username=options["username"]).first()
        if person is None:
            raise CommandError(f"Nobody signs in as {options['username']}.")
        try:
            reset_second_factor(person.pk, by=None, reason=options["reason"])
        except RuleBroken as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{person.username} signs in with the password alone.")
