import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Now

REPOINT = """
DO $$
DECLARE old record;
BEGIN
    FOR old IN SELECT conname, conrelid::regclass AS place FROM pg_constraint
               WHERE confrelid = 'orders_openitem'::regclass AND contype = 'f' LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', old.place, old.conname);
    END LOOP;
END $$;
ALTER TABLE orders_openitem DROP CONSTRAINT orders_openitem_pkey, ADD PRIMARY KEY ({key});
ALTER TABLE orders_allocation
    ADD CONSTRAINT orders_allocation_debit_is_an_item FOREIGN KEY (debit_id) REFERENCES orders_openitem ({key})
        DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT orders_allocation_credit_is_an_item FOREIGN KEY (credit_id) REFERENCES orders_openitem ({key})
        DEFERRABLE INITIALLY DEFERRED;
"""
ITEMS = f"""
ALTER TABLE orders_openitem ADD COLUMN part smallint NOT NULL DEFAULT 1 CHECK (part >= 0), ADD COLUMN id bigint,
    ADD COLUMN posted_on date;
ALTER TABLE orders_openitem DISABLE TRIGGER USER;
UPDATE orders_openitem item SET id = entry_id, posted_on = entry.posted_on
FROM orders_receivableentry entry WHERE entry.id = item.entry_id;
ALTER TABLE orders_openitem ENABLE TRIGGER USER;
ALTER TABLE orders_openitem ALTER COLUMN id SET DEFAULT 0, ALTER COLUMN id SET NOT NULL,
    ALTER COLUMN posted_on SET DEFAULT '-infinity', ALTER COLUMN posted_on SET NOT NULL;
{REPOINT.format(key="id")}
"""  # noqa: S608  our own words
ITEMS_BACK = f"""
{REPOINT.format(key="entry_id")}
ALTER TABLE orders_openitem DROP COLUMN part, DROP COLUMN id, DROP COLUMN posted_on;
"""
DAYS = """
ALTER TABLE orders_allocation DISABLE TRIGGER USER;
UPDATE orders_allocation made SET allocated_on = GREATEST(debit.posted_on, credit.posted_on)
FROM orders_receivableentry debit, orders_receivableentry credit
WHERE debit.id = made.debit_id AND credit.id = made.credit_id;
ALTER TABLE orders_allocation ENABLE TRIGGER USER;
"""


class Migration(migrations.Migration):
    """An entry may have several open items. Those that are there keep the key that allocations know."""

    dependencies = [
        ("customers", "0004_parts_of_terms"),
        ("orders", "0008_indexes_of_payments_and_shipments"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="allocation",
            name="allocated_on",
            field=models.DateField(db_default=Now(), verbose_name="date"),
        ),
        migrations.RunSQL(DAYS, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="allocation",
            index=models.Index(fields=["allocated_on"], name="orders_allo_allocat_d58076_idx"),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(ITEMS, ITEMS_BACK)],
            state_operations=[
                migrations.AddField(
                    model_name="openitem",
                    name="id",
                    field=models.BigIntegerField(db_default=0, editable=False, primary_key=True, serialize=False),
                ),
                migrations.AddField(
                    model_name="openitem",
                    name="part",
                    field=models.PositiveSmallIntegerField(db_default=1, default=1),
                ),
                migrations.AddField(
                    model_name="openitem",
                    name="posted_on",
                    field=models.DateField(default="0001-01-01", verbose_name="date"),
                    preserve_default=False,
                ),
                migrations.AlterField(
                    model_name="openitem",
                    name="entry",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="orders.receivableentry",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="openitem",
            constraint=models.UniqueConstraint(fields=("entry", "part"), name="parts_of_an_entry_are_numbered"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="openitem",
            trigger=pgtrigger.compiler.Trigger(
                name="items_get_their_key",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF NEW.part = 1 THEN NEW.id := NEW.entry_id; ELSE NEW.id := nextval(pg_get_serial_sequence('orders_receivableentry', 'id')); END IF; IF NEW.posted_on = '-infinity' THEN SELECT posted_on INTO NEW.posted_on FROM orders_receivableentry WHERE id = NEW.entry_id; END IF; RETURN NEW;",
                    hash="b806ee9e78ef66bab96f3407a84fa8c70f708380",
                    operation="INSERT",
                    pgid="pgtrigger_items_get_their_key_7ddb1",
                    table="orders_openitem",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RemoveConstraint(model_name="allocation", name="an_allocation_settles_something"),
        migrations.AddField(
            model_name="allocation",
            name="made_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="allocation",
            name="reverses",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reversed_by",
                to="orders.allocation",
            ),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.CheckConstraint(
                condition=Q(amount__gt=0, reverses=None) | Q(amount__lt=0, reverses__isnull=False),
                name="an_allocation_settles_or_takes_back",
            ),
        ),
    ]
