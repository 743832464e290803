"""Indexes that lists, search and the sum of what is overdue read, made without keeping anybody from writing.

Indexes on a single key go where another one begins with the same column: every approval writes into each of them.
"""

import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.indexes import OpClass
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Reverse


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("customers", "0002_initial"),
        ("orders", "0003_history_of_goods"),
        ("users", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndexConcurrently(
            "delivery",
            models.Index(OpClass(Reverse("number"), name="text_pattern_ops"), name="deliveries_by_number_end"),
        ),
        AddIndexConcurrently(
            "openitem",
            models.Index(
                fields=["customer", "is_debit", "due_on"],
                include=["open_amount"],
                condition=models.Q(("open_amount__gt", 0)),
                name="open_items_of_account",
            ),
        ),
        RemoveIndexConcurrently("openitem", "items_still_open"),
        migrations.AlterField(
            "delivery",
            "customer",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deliveries",
                to="customers.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            "delivery",
            "region",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deliveries",
                to="users.region",
                verbose_name="region",
            ),
        ),
        migrations.AlterField(
            "delivery",
            "representative",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deliveries",
                to=settings.AUTH_USER_MODEL,
                verbose_name="sales representative",
            ),
        ),
        migrations.AlterField(
            "receivableentry",
            "customer",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entries",
                to="customers.customer",
                verbose_name="customer",
            ),
        ),
    ]
