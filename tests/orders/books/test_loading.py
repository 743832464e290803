"""Loading books: history on its dates, through the same ledger, once; what is wrong stays out with what needs it."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone

from bench.one_import import Silent
from customers.models import CreditAccount, Customer
from orders.closing.days import month_of
from orders.deliveries.models import State
from orders.models import (
    Category,
    Delivery,
    DeliveryLine,
    OpeningBalance,
    OpenItem,
    Payment,
    Product,
    ReceivableEntry,
    Shipment,
    Stock,
    StockMovement,
    Warehouse,
)
from orders.payments.services import record_payment, reverse_payment
from salesops.approvals.models import Request
from salesops.imports.books import open_books
from salesops.imports.mapping import read_mapping
from salesops.imports.models import ImportRun, SourceKey
from salesops.kernel.errors import RuleBroken
from salesops.users.models import Region, User
from salesops.users.roles import Role
from salesops.web.refusals import as_refusal
from tests.support.books import check, load
from tests.support.build import make_customer, make_product, make_region, make_sales, make_team, make_user
from tests.support.closing import closed

pytestmark = pytest.mark.django_db

PLAIN = (Path(__file__).parent / "plain.toml").read_text()

FILES = {
    "people.csv": "username,full_name,region,roles\nlin,Lin Yue,EAST,representative\n",
    "customers.csv": (
        "code,name,region,representative,credit_limit,due_days\nC1,One,EAST,lin,1000,30\nC2,Two,EAST,,,\n"
    ),
    "products.csv": "sku,name,category,tax_rate\nKT,Kettle,Kitchen,13\nPN,Pan,Kitchen,0\n",
    "stock.csv": "warehouse,product,quantity,batch\nSH,KT,5,B1\nSH,KT,3,B2\nSH,PN,0,\n",
    "deliveries.csv": (
        "key,customer,warehouse,state,ordered_on,shipped_on\n"
        "D1,C1,SH,shipped,2025-01-10,2025-01-15\n"
        "D2,C1,SH,approved,2025-02-10,\n"
        "D3,C2,SH,cancelled,2025-03-10,2025-03-11\n"
        "D4,C2,SH,draft,2025-04-10,\n"
        "D5,C2,SH,partly_shipped,2025-05-10,2025-05-20\n"
    ),
    "lines.csv": (
        "delivery,product,quantity,unit_price,discount_percent,price_includes_tax,shipped_quantity\n"
        "D1,KT,10,113.00,,yes,\n"
        "D1,PN,3,33.33,10,yes,\n"
        "D2,KT,20,100.00,,no,\n"
        "D3,KT,1,10,,,\n"
        "D4,PN,1,10,,,\n"
        "D5,KT,3,10.00,,,1\n"
        "D5,PN,2,5,,,0\n"
    ),
    "opening.csv": "customer,day,amount\nC1,2024-12-31,250.00\nC2,2024-12-31,-40.00\n",
    "payments.csv": "customer,received_on,amount,reference\nC1,2025-02-01,500.00,T-1\nC1,2025-03-01,25.50,T-2\n",
}


@pytest.fixture
def finance():
    return make_user((Role.FINANCE, Role.ADMINISTRATOR))


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path)


def write(folder: Path, **changes: str) -> Path:
    """The files, with some of them changed: deliveries="..." for deliveries.csv."""
    for name, content in (FILES | {f"{name}.csv": text for name, text in changes.items()}).items():
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def replaced(name: str, old: str, new: str) -> dict[str, str]:
    """One of the files with some words replaced."""
    content = FILES[f"{name}.csv"]
    assert old in content
    return {name: content.replace(old, new)}


def delivery(key: str) -> Delivery:
    return Delivery.objects.get(source_key=f"plain/deliveries/{key}")


# ---- what was loaded ----
def test_every_kind_of_delivery_enters_as_it_was(finance, folder):
    _counts, errors = load(folder, PLAIN, by=finance)

    assert not errors
    assert {one.source_key[-2:]: one.state for one in Delivery.objects.all()} == {
        "D1": State.SHIPPED,
        "D2": State.APPROVED,
        "D3": State.CANCELLED,
        "D4": State.DRAFT,
        "D5": State.PARTLY_SHIPPED,
    }
    first = delivery("D1")
    assert (first.net, first.tax, first.amount) == (Decimal("1089.99"), Decimal("130.00"), Decimal("1219.99"))
    assert (first.approved_amount, first.shipped_amount) == (first.amount, first.amount)
    assert first.number.startswith("DL-2025-")
    assert "Number in the old books: D1" in first.note
    assert first.representative == User.objects.get(username="lin")
    assert (delivery("D2").net, delivery("D2").tax, delivery("D2").amount) == (
        Decimal(2000),
        Decimal(260),
        Decimal(2260),
    )
    assert delivery("D3").cancelled_amount == delivery("D3").amount == 10
    assert delivery("D4").submitted_at is None
    partly = delivery("D5")
    assert (partly.amount, partly.shipped_amount, partly.committed_amount) == (Decimal(40), Decimal(10), Decimal(30))


def test_history_posts_on_its_own_days_through_the_same_ledger(finance, folder):
    load(folder, PLAIN, by=finance)

    entries = ReceivableEntry.objects.order_by("posted_on", "pk").values_list(
        "customer__code", "source", "posted_on", "due_on", "debit", "credit"
    )
    assert list(entries) == [
        ("C1", "opening", date(2024, 12, 31), date(2024, 12, 31), Decimal("250.00"), Decimal(0)),
        ("C2", "opening", date(2024, 12, 31), date(2024, 12, 31), Decimal(0), Decimal("40.00")),
        ("C1", "shipment", date(2025, 1, 15), date(2025, 2, 14), Decimal("1219.99"), Decimal(0)),
        ("C1", "payment", date(2025, 2, 1), date(2025, 2, 1), Decimal(0), Decimal("500.00")),
        ("C1", "payment", date(2025, 3, 1), date(2025, 3, 1), Decimal(0), Decimal("25.50")),
        ("C2", "shipment", date(2025, 5, 20), date(2025, 6, 19), Decimal("10.00"), Decimal(0)),
    ]
    accounts = {code: (balance, committed) for code, balance, committed in all_accounts()}
    assert accounts == {"C1": (Decimal("944.49"), Decimal(2260)), "C2": (Decimal("-30.00"), Decimal(30))}
    open_items = OpenItem.objects.open().values_list("customer__code", "is_debit", "open_amount")
    assert set(open_items) == {("C1", True, Decimal("944.49")), ("C2", False, Decimal("30.00"))}
    assert Shipment.objects.get(delivery=delivery("D5")).lines.get().quantity == 1


def all_accounts() -> list[tuple[str, Decimal, Decimal]]:
    return list(CreditAccount.objects.order_by("customer__code").values_list("customer__code", "balance", "committed"))


def test_history_takes_no_stock_and_what_is_open_reserves_what_there_is(finance, folder):
    load(folder, PLAIN, by=finance)

    stock = Stock.objects.get(product__sku="KT")
    assert (stock.on_hand, stock.reserved) == (8, 8)
    reserved = DeliveryLine.objects.values_list("delivery__source_key", "reserved_quantity")
    assert dict(reserved.filter(product__sku="KT", reserved_quantity__gt=0)) == {"plain/deliveries/D2": 8}
    movements = StockMovement.objects.values_list("kind", "quantity", "batch")
    assert set(movements) == {("opening", 5, "B1"), ("opening", 3, "B2")}


def test_what_is_only_named_is_made_of_its_name(finance, folder):
    counts, _errors = load(folder, PLAIN, by=finance)

    assert Category.objects.get().name == "Kitchen"
    assert Warehouse.objects.get().name == "SH"
    assert (counts["categories"].new, counts["warehouses"].new) == (1, 1)


def test_what_waits_lies_on_a_desk_with_the_account_as_it_is(finance, tmp_path):
    region = make_region(code="EAST")
    team = make_team(region=region)
    supervisor = make_user(Role.SUPERVISOR, team=team)
    make_user(Role.REPRESENTATIVE, username="rep", team=team)
    folder = write(
        tmp_path, **replaced("deliveries", "approved", "submitted"), **replaced("customers", "lin,1000", "rep,1000")
    )

    load(folder, PLAIN, by=finance)

    request = Request.objects.get()
    assert (request.amount, request.role, request.team) == (Decimal("2260.00"), Role.SUPERVISOR, supervisor.team)
    assert Decimal(request.facts["balance"]) == Decimal("944.49")
    submitted_at = delivery("D2").submitted_at
    assert submitted_at
    assert submitted_at > timezone.now() - timedelta(minutes=5)


def test_what_waits_for_nobody_is_refused_with_all_of_it(finance, tmp_path):
    folder = write(tmp_path, **replaced("deliveries", "approved", "submitted"))

    with pytest.raises(RuleBroken, match="plain/deliveries/D2 waits for approval"), transaction.atomic():
        load(folder, PLAIN, by=finance)

    assert not Delivery.objects.exists()
    assert not SourceKey.objects.exists()


# ---- twice, and changed ----
def test_nobody_makes_people_out_of_books_who_could_not_by_hand(folder):
    clerk = make_user(Role.FINANCE)
    with pytest.raises(RuleBroken, match="People") as refused:
        load(folder, PLAIN, by=clerk)
    assert refused.value.rule == "permission"
    assert not User.objects.filter(username="lin").exists()
    assert not Customer.objects.exists()


def test_people_who_are_there_stop_nobody(finance, folder):
    load(folder, PLAIN, by=finance)
    more = FILES["payments.csv"] + "C1,2025-04-01,10,T-3\n"
    load(write(folder, payments=more), PLAIN, by=make_user(Role.FINANCE))
    assert Payment.objects.filter(reference="T-3").exists()


def test_loading_twice_changes_nothing(finance, folder):
    load(folder, PLAIN, by=finance)
    before = snapshot()

    counts, errors = load(folder, PLAIN, by=finance)

    assert not errors
    assert all((one.new, one.left_out) == (0, 0) for one in counts.values())
    assert snapshot() == before


def snapshot() -> list[object]:
    models = (Customer, Product, Delivery, DeliveryLine, Shipment, Payment, ReceivableEntry, StockMovement, SourceKey)
    return [*(model.objects.count() for model in models), all_accounts(), list(Stock.objects.values_list())]


def test_new_rows_of_later_books_are_added_to_the_old(finance, folder):
    load(folder, PLAIN, by=finance)
    write(
        folder,
        deliveries=FILES["deliveries.csv"] + "D6,C1,SH,shipped,2025-06-01,2025-06-02\n",
        lines=FILES["lines.csv"] + "D6,PN,1,100,,,\n",
        payments=FILES["payments.csv"] + "C2,2025-06-01,5,T-1\n",
    )

    counts, errors = load(folder, PLAIN, by=finance)

    assert not errors
    assert (counts["deliveries"].new, counts["deliveries"].there, counts["payments"].new) == (1, 5, 1)
    assert [row[1] for row in all_accounts()] == [Decimal("1044.49"), Decimal("-35.00")]
    assert OpenItem.objects.open().debits().aggregate(total=Sum("open_amount"))["total"] == Decimal("1044.49")


@pytest.mark.parametrize(
    ("name", "old", "new", "kind"),
    [
        ("customers", "C1,One", "C1,Uno", "customers"),
        ("payments", "500.00", "501.00", "payments"),
        ("lines", "D1,KT,10", "D1,KT,11", "deliveries"),
        ("deliveries", "D2,C1,SH,approved", "D2,C1,SH,draft", "deliveries"),
    ],
)
def test_a_row_that_changed_since_is_told_and_left_as_it_is(finance, folder, name, old, new, kind):
    load(folder, PLAIN, by=finance)
    before = snapshot()
    write(folder, **replaced(name, old, new))

    counts, errors = load(folder, PLAIN, by=finance)

    assert [(error.severity, error.kind) for error in errors] == [("changed", kind)]
    assert counts[kind].changed == 1
    assert snapshot() == before


def test_people_and_documents_here_keep_what_they_are(finance, folder):
    """Books may be loaded beside what is there: its own rows are neither changed nor doubled."""
    make_region(code="EAST", name="The East")
    mine = make_customer(code="X-1", region=Region.objects.get())
    record_payment(by=finance, customer_id=mine.pk, received_on=date(2025, 1, 1), amount=Decimal(7), reference="T-1")

    counts, errors = load(folder, PLAIN, by=finance)

    assert not errors
    assert counts["regions"].there == 1
    assert Region.objects.get().name == "The East"
    mine.account.refresh_from_db()
    assert mine.account.balance == -7


# ---- what is wrong ----
@pytest.mark.parametrize(
    ("name", "old", "new", "place", "reason"),
    [
        ("customers", "C1,One", "C1,", ("customers.csv", 2, "name", ""), "is missing"),
        ("customers", "C1,One", "C/1,One", ("customers.csv", 2, "code", "C/1"), "has a slash"),
        ("customers", "1000", "-1", ("customers.csv", 2, "credit_limit", "-1"), "must not be less than 0"),
        ("customers", "1000", "many", ("customers.csv", 2, "credit_limit", "many"), "is not a number"),
        ("customers", "1000", "=1+2", ("customers.csv", 2, "credit_limit", "=1+2"), "is a formula"),
        ("customers", "1000", "10.005", ("customers.csv", 2, "credit_limit", "10.005"), "more than two decimals"),
        ("customers", "C2,Two,EAST", "C2,Two,WEST", ("customers.csv", 3, "region", "WEST"), "neither in these books"),
        ("customers", "C2,Two", "C1,Two", ("customers.csv", 3, "key", "C1"), "stands in line 2 already"),
        ("people", "lin,Lin", "l n,Lin", ("people.csv", 2, "username", "l n"), "has signs"),
        ("people", "representative", "captain", ("people.csv", 2, "roles", "captain"), "is none of"),
        ("products", "PN,Pan", "A/B,Pan", ("products.csv", 3, "sku", "A/B"), "has a slash"),
        ("products", "PN,Pan", "new,Pan", ("products.csv", 3, "sku", "new"), "page's address"),
        ("products", ",13", ",130", ("products.csv", 2, "tax_rate", "130"), "must not be more than 100"),
        ("stock", "KT,5", "KT,-5", ("stock.csv", 2, "quantity", "-5"), "must not be less than 0"),
        ("stock", "KT,5", "KT,5.5", ("stock.csv", 2, "quantity", "5.5"), "is not a whole number"),
        ("deliveries", "D1,C1", "D1,C9", ("deliveries.csv", 2, "customer", "C9"), "neither in these books"),
        ("deliveries", "2025-01-10", "soon", ("deliveries.csv", 2, "ordered_on", "soon"), "is not a date"),
        ("deliveries", "2025-01-10", "10/01/2025", ("deliveries.csv", 2, "ordered_on", "10/01/2025"), "date_format"),
        ("deliveries", "2025-01-10", "2025-02-30", ("deliveries.csv", 2, "ordered_on", "2025-02-30"), "does not exist"),
        ("deliveries", "2025-01-10", "2099-01-10", ("deliveries.csv", 2, "ordered_on", "2099-01-10"), "in the future"),
        ("deliveries", "2025-01-15", "", ("deliveries.csv", 2, "shipped_on", ""), "the goods were shipped"),
        (
            "deliveries",
            "2025-01-15",
            "2025-01-09",
            ("deliveries.csv", 2, "shipped_on", "2025-01-09"),
            "before the order",
        ),
        ("deliveries", "shipped,2025-01", "rejected,2025-01", ("deliveries.csv", 2, "state", "rejected"), "is none of"),
        ("lines", "D1,KT,10", "D1,KT,-10", ("lines.csv", 2, "quantity", "-10"), "must be more than 0"),
        ("lines", "D1,KT,10,113.00", "D1,KT,10,-1", ("lines.csv", 2, "unit_price", "-1"), "must not be less than 0"),
        ("lines", "D1,KT", "D1,XX", ("lines.csv", 2, "product", "XX"), "neither in these books"),
        ("lines", "D4,PN", "D9,PN", ("lines.csv", 6, "delivery", "D9"), "neither in these books"),
        ("lines", ",,,1\n", ",,,4\n", ("lines.csv", 7, "shipped_quantity", "4"), "more than was ordered"),
        ("payments", "500.00", "0", ("payments.csv", 2, "amount", "0"), "must be more than 0"),
        ("payments", "T-2", "T-1", ("payments.csv", 3, "key", "C1/T-1"), "stands in line 2 already"),
        ("payments", "T-2", "", ("payments.csv", 3, "key", ""), "nothing tells this row apart"),
        ("opening", "C2,2024", "C1,2024", ("opening.csv", 3, "key", "C1"), "stands in line 2 already"),
    ],
)
def test_what_is_wrong_is_told_with_file_line_column_value_and_reason(tmp_path, name, old, new, place, reason):
    folder = write(tmp_path, **replaced(name, old, new))

    _counts, errors = check(folder, PLAIN)

    wrong = {(error.file, error.line, error.column, error.value): error.reason for error in errors}
    assert reason in wrong[place]
    assert not Customer.objects.exists()


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("DL-2025-000001", "own series"),
        ("XY-1999-1234567", "own series"),
        ("10/100", "slash"),
        ("..", "address"),
        ("new", "address"),
        ("preview", "address"),
        ("products", "address"),
    ],
)
def test_a_number_that_no_delivery_can_have_is_refused(tmp_path, number, reason):
    head = "key,customer,warehouse,state,ordered_on,shipped_on"
    text = FILES["deliveries.csv"].replace(head, f"{head},number")
    text = text.replace("D4,C2,SH,draft,2025-04-10,", f"D4,C2,SH,draft,2025-04-10,,{number}")
    mapping = PLAIN.replace('shipped_on = "shipped_on"', 'shipped_on = "shipped_on", number = "number"')

    _counts, errors = check(write(tmp_path, deliveries=text), mapping)

    assert [(one.kind, one.value) for one in errors if one.severity == "wrong"] == [("deliveries", number)]
    assert reason in errors[0].reason


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("people", "lin", "new"),
        ("people", "lin", ".."),
        ("people", "lin", "a/b"),
        ("customers", "C2", "duplicates"),
        ("customers", "C2", ".."),
    ],
)
def test_a_name_that_a_page_address_uses_is_refused(tmp_path, kind, old, new):
    errors = check(write(tmp_path, **{kind: FILES[f"{kind}.csv"].replace(f"{old},", f"{new},", 1)}), PLAIN)[1]
    assert (kind, new) in [(one.kind, one.value) for one in errors if one.severity == "wrong"]


def test_a_delivery_without_lines_is_wrong(tmp_path):
    folder = write(tmp_path, **replaced("lines", "D4,PN,1,10,,,\n", ""))

    _counts, errors = check(folder, PLAIN)

    assert [(error.line, error.reason) for error in errors] == [(5, "has no lines")]


def test_a_partly_shipped_delivery_says_what_left(tmp_path):
    folder = write(tmp_path, **replaced("lines", "D5,KT,3,10.00,,,1\n", "D5,KT,3,10.00,,,\n"))

    _counts, errors = check(folder, PLAIN)

    assert [error.line for error in errors] == [6]
    assert "its lines do not say" in errors[0].reason


def test_a_region_below_itself_is_wrong(tmp_path):
    mapping = (
        'name = "r"\n[[table]]\nkind = "regions"\nfile = "r.csv"\ncolumns = {code = "c", name = "c", parent = "p"}'
    )
    (tmp_path / "r.csv").write_text("c,p\nA,B\nB,C\nC,B\nD,\n")

    counts, errors = check(tmp_path, mapping)

    assert {error.line for error in errors} == {2, 3, 4}
    assert counts[0].new == 1


def test_a_column_that_is_not_there_is_told_once(tmp_path):
    folder = write(tmp_path, **replaced("payments", "reference\n", "ref\n"))

    _counts, errors = check(folder, PLAIN)

    assert len(errors) == 1
    assert "payments.csv has no column “reference” (reference); it has: customer, received_on, amount, ref." in (
        errors[0].reason
    )


# ---- only the good rows ----
def test_a_bad_customer_takes_everything_of_its_own_along_and_nothing_else(finance, tmp_path):
    folder = write(tmp_path, **replaced("customers", "1000", "many"))

    counts, errors = load(folder, PLAIN, by=finance)

    assert list(Customer.objects.values_list("code", flat=True)) == ["C2"]
    assert {one.source_key[-2:] for one in Delivery.objects.all()} == {"D3", "D4", "D5"}
    assert not Payment.objects.exists()
    assert OpeningBalance.objects.get().customer.code == "C2"
    assert all_accounts() == [("C2", Decimal("-30.00"), Decimal("30.00"))]
    assert counts["deliveries"].left_out == 2
    assert counts["delivery_lines"].left_out == 3
    follows = {(error.file, error.line) for error in errors if error.severity == "follows"}
    assert follows == {
        ("deliveries.csv", 2),
        ("deliveries.csv", 3),
        ("payments.csv", 2),
        ("payments.csv", 3),
        ("opening.csv", 2),
    }


@pytest.mark.parametrize("wrong", ["D1,PN,none,33.33,10,yes,\n", "D1,XX,3,33.33,10,yes,\n"])
def test_a_bad_line_takes_its_delivery_along(finance, tmp_path, wrong):
    folder = write(tmp_path, **replaced("lines", "D1,PN,3,33.33,10,yes,\n", wrong))

    counts, errors = load(folder, PLAIN, by=finance)

    assert "D1" not in {one.source_key[-2:] for one in Delivery.objects.all()}
    assert Delivery.objects.count() == 4
    assert not DeliveryLine.objects.filter(delivery__isnull=True).exists()
    assert (counts["deliveries"].left_out, counts["delivery_lines"].left_out) == (1, 2)
    assert ("deliveries.csv", 2, "follows") in {(error.file, error.line, error.severity) for error in errors}
    assert [row[1] for row in all_accounts()] == [Decimal("-275.50"), Decimal("-30.00")]


def test_the_good_rows_can_be_loaded_first_and_the_corrected_ones_later(finance, tmp_path):
    load(write(tmp_path, **replaced("lines", "D1,PN,3", "D1,PN,none")), PLAIN, by=finance)
    counts, errors = load(write(tmp_path), PLAIN, by=finance)

    assert not errors
    assert counts["deliveries"].new == 1
    assert [row[1] for row in all_accounts()] == [Decimal("944.49"), Decimal("-30.00")]


def test_a_customer_that_somebody_filed_by_hand_is_not_taken_over(tmp_path):
    make_customer(code="C1")

    _counts, errors = check(write(tmp_path), PLAIN)

    wrong = [error for error in errors if error.severity == "wrong"]
    assert [(error.file, error.line, error.value) for error in wrong] == [("customers.csv", 2, "C1")]
    assert "did not come from these books" in wrong[0].reason


def test_a_product_that_is_there_is_found_by_its_sku(finance, tmp_path):
    make_product("OLD-1", tax_rate=13)
    folder = write(tmp_path, **replaced("lines", "D4,PN", "D4,OLD-1"))

    _counts, errors = load(folder, PLAIN, by=finance)

    assert not errors
    assert delivery("D4").lines.get().product.sku == "OLD-1"


# ---- accounts under way ----
def test_a_payment_out_of_books_brings_a_parked_delivery_back(finance, folder):
    region = make_region(code="EAST")
    team = make_team(region=region)
    make_user(Role.SUPERVISOR, team=team)
    make_user(Role.REPRESENTATIVE, username="rep", team=team)
    write(folder, **replaced("deliveries", "approved", "submitted"), **replaced("customers", "lin,1000", "rep,"))
    load(folder, PLAIN, by=finance)
    request = Request.objects.get()
    Request.objects.filter(pk=request.pk).update(parked_at=timezone.now())
    CreditAccount.objects.update(tolerance_days=9999)
    write(
        folder,
        **replaced("deliveries", "approved", "submitted"),
        **replaced("customers", "lin,1000", "rep,"),
        payments=FILES["payments.csv"] + "C1,2025-06-01,1000,T-3\n",
    )

    load(folder, PLAIN, by=finance)

    request.refresh_from_db()
    assert request.parked_at is None
    assert request.came_back_at is not None


def test_a_hold_does_not_stop_history(finance, folder):
    load(folder, PLAIN, by=finance)
    CreditAccount.objects.filter(customer__code="C1").update(is_on_hold=True, hold_reason="late")
    write(folder, payments=FILES["payments.csv"] + "C1,2025-06-01,100,T-3\n")

    load(folder, PLAIN, by=finance)

    assert all_accounts()[0][1] == Decimal("844.49")


# ---- the command ----
def run_command(folder: Path, *options: str) -> None:
    mapping = folder / "mapping.toml"
    mapping.write_text(PLAIN)
    call_command("import_books", str(folder), "--mapping", str(mapping), *options)


def test_the_command_loads_books(folder, capsys):
    make_user(Role.ADMINISTRATOR, username="boss")

    run_command(folder)

    said = capsys.readouterr().out
    assert "Loaded: 26 rows." in said
    assert "Amount: 525.50" in said
    assert Delivery.objects.filter(created_by__username="boss").count() == 5
    assert ImportRun.objects.get().state == "loaded"


def test_the_dry_run_writes_nothing(folder, capsys):
    run_command(folder, "--dry-run")

    assert "Checked only" in capsys.readouterr().out
    assert not Customer.objects.exists()
    assert not ImportRun.objects.exists()


def test_the_command_loads_nothing_where_something_is_wrong(tmp_path, capsys):
    make_user(Role.ADMINISTRATOR)
    folder = write(tmp_path, **replaced("customers", "1000", "many"))

    with pytest.raises(CommandError, match="6 things are wrong"):
        run_command(folder, "--report", str(tmp_path / "report.xlsx"))

    assert "customers.csv:2 credit_limit “many” is not a number" in capsys.readouterr().err
    assert (tmp_path / "report.xlsx").stat().st_size > 4000
    assert not Customer.objects.exists()

    run_command(folder, "--only-good-rows")
    assert Customer.objects.count() == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [(["--by", "nobody"], "nobody with the user name"), ([], "Say with --by")],
)
def test_the_command_wants_to_know_who_loads(folder, options, words):
    with pytest.raises(CommandError, match=words):
        run_command(folder, *options)


def test_the_command_says_plainly_what_is_not_there(tmp_path):
    with pytest.raises(CommandError, match="no folder"):
        run_command_at(tmp_path / "none", tmp_path / "none.toml")
    with pytest.raises(CommandError, match="no file"):
        run_command_at(tmp_path, tmp_path / "none.toml")


def run_command_at(folder: Path, mapping: Path) -> None:
    call_command("import_books", str(folder), "--mapping", str(mapping), "--dry-run")


def test_a_reference_is_told_whatever_its_case_and_is_free_again_after_a_reversal(finance, tmp_path):
    mapping = """
name = "more"
[[table]]
kind = "payments"
rows = [{ customer = "%s", received_on = "2025-01-02", amount = "10", reference = "tt-1" }]
"""
    customer = make_customer()
    paid = record_payment(
        by=finance, customer_id=customer.pk, received_on=date(2025, 1, 1), amount=Decimal(5), reference="TT-1"
    )
    assert "tt-1" in str(check(tmp_path, mapping % customer.code))
    reverse_payment(paid.pk, by=finance, reason="Wrong account")
    assert "tt-1" not in str(check(tmp_path, mapping % customer.code))


def test_a_number_that_was_taken_since_the_check_is_the_reason_that_is_given(tmp_path):
    head = "key,customer,warehouse,state,ordered_on,shipped_on"
    text = FILES["deliveries.csv"].replace(head, f"{head},number")
    text = text.replace("D4,C2,SH,draft,2025-04-10,", "D4,C2,SH,draft,2025-04-10,,OLD-4")
    mapping = PLAIN.replace('shipped_on = "shipped_on"', 'shipped_on = "shipped_on", number = "number"')
    by, sales = make_user(Role.ADMINISTRATOR), make_sales()
    taken = sales.draft(sales.customer())
    with open_books(read_mapping(mapping), write(tmp_path, deliveries=text)) as checked:
        checked.read(Silent())
        checked.check(Silent())
        Delivery.objects.filter(pk=taken.pk).update(number="OLD-4")
        with pytest.raises(IntegrityError, match="OLD-4"), transaction.atomic():
            checked.load(by=by, progress=Silent())


# ---- closed months ----
def test_what_lies_in_a_closed_month_is_refused_before_anything_is_written(finance, folder):
    closed(month_of(date(2025, 1, 1)), by=finance)
    _counts, errors = check(folder, PLAIN)
    refused = {(error.kind, error.reason) for error in errors if "closed month" in error.reason}
    said = "lies in a closed month: nothing is posted up to 2025-01-31"
    assert refused == {("deliveries", said), ("opening_balances", said)}
    assert not Delivery.objects.exists()
    # what lies behind the closed days is loaded
    later = FILES["deliveries.csv"].replace("2025-01-15", "2025-02-15")
    opening = FILES["opening.csv"].replace("2024-12-31", "2025-02-01")
    _loaded, errors = load(write(folder, deliveries=later, opening=opening), PLAIN, by=finance)
    assert not errors


def test_a_month_that_is_closed_after_the_check_lets_nothing_in(finance, folder):
    with open_books(read_mapping(PLAIN), folder) as books, transaction.atomic():
        books.read(Silent())
        books.check(Silent())
        closed(month_of(date(2025, 1, 1)), by=finance)
        with pytest.raises(DatabaseError) as refused:
            books.load(by=finance, progress=Silent())
        said = as_refusal(refused.value)
        assert said is not None
        transaction.set_rollback(True)
    assert said.rule == "closed month"
