"""How many failed within a day is asked every few seconds, of a table that only grows."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("jobs", "0003_id_of_the_request"),
    ]

    operations = [
        AddIndexConcurrently(
            "job", models.Index(condition=Q(state="failed"), fields=["finished_at"], name="jobs_failed")
        ),
    ]
