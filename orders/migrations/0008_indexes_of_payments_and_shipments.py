"""Indexes for what lists of payments and shipments are searched, narrowed and sorted by, made while people work."""

import django.db.models.deletion
from django.contrib.postgres.indexes import OpClass
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Reverse, Upper

PATTERN = "text_pattern_ops"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("orders", "0007_history_by_statement")]

    operations = [
        AddIndexConcurrently(
            "delivery", models.Index(fields=["wanted_on", "id"], name="orders_deli_wanted__02d8b6_idx")
        ),
        AddIndexConcurrently(
            "delivery",
            models.Index(
                fields=["-ordered_on", "-id"], condition=models.Q(("is_disputed", True)), name="disputed_deliveries"
            ),
        ),
        AddIndexConcurrently("payment", models.Index(fields=["amount", "id"], name="orders_paym_amount_2ab8fa_idx")),
        AddIndexConcurrently(
            "payment", models.Index(fields=["method", "-received_on", "-id"], name="orders_paym_method_0f20ab_idx")
        ),
        AddIndexConcurrently(
            "payment", models.Index(OpClass(Reverse("number"), name=PATTERN), name="payments_by_number_end")
        ),
        AddIndexConcurrently(
            "payment", models.Index(OpClass(Upper("reference"), name=PATTERN), name="payments_by_reference_start")
        ),
        AddIndexConcurrently(
            "payment",
            models.Index(OpClass(Reverse(Upper("reference")), name=PATTERN), name="payments_by_reference_end"),
        ),
        AddIndexConcurrently(
            "shipment", models.Index(fields=["warehouse", "-shipped_on", "-id"], name="orders_ship_warehou_697906_idx")
        ),
        migrations.AlterField(
            "shipment",
            "warehouse",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="shipments",
                to="orders.warehouse",
                verbose_name="warehouse",
            ),
        ),
        AddIndexConcurrently("shipment", models.Index(fields=["amount", "id"], name="orders_ship_amount_3f935f_idx")),
        AddIndexConcurrently(
            "shipment", models.Index(OpClass(Reverse("number"), name=PATTERN), name="shipments_by_number_end")
        ),
        AddIndexConcurrently(
            "shipment", models.Index(OpClass(Upper("tracking"), name=PATTERN), name="shipments_by_tracking")
        ),
        AddIndexConcurrently(
            "shipmentline",
            models.Index(
                Upper("batch"), condition=models.Q(("batch", ""), _negated=True), name="batches_shipped_by_name"
            ),
        ),
        RemoveIndexConcurrently("shipmentline", "batches_shipped"),
    ]
