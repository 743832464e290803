from django.db import migrations, models

FILL = """
ALTER TABLE orders_reminderitem DISABLE TRIGGER USER;
UPDATE orders_reminderitem line SET holds = TRUE FROM orders_reminderlevel level
WHERE level.number = line.level AND level.holds AND NOT EXISTS (
    SELECT FROM orders_reminderitem earlier
    WHERE earlier.item_id = line.item_id AND earlier.level = line.level AND earlier.id < line.id);
ALTER TABLE orders_reminderitem ENABLE TRIGGER USER;
"""
"""Of letters that were sent before: as the levels are now."""

LET_GO = """
UPDATE customers_creditaccount account SET let_go_at = COALESCE((
    SELECT MIN(letter.made_at) - interval '1 microsecond' FROM orders_reminder letter
    WHERE letter.customer_id = account.customer_id AND account.is_on_hold AND letter.hold_at = account.hold_at), now())
WHERE EXISTS (
    SELECT FROM orders_reminder letter WHERE letter.customer_id = account.customer_id AND letter.hold_at IS NOT NULL);
"""
"""What letters held before the present hold was let go, by whom or what is not known any more: it holds nothing again."""


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0020_parts_of_their_lines"),
        ("customers", "0006_holds_that_people_let_go"),
    ]

    operations = [
        migrations.AddField(
            model_name="reminderitem",
            name="holds",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(LET_GO, migrations.RunSQL.noop),
    ]
