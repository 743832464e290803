"""Customers with their accounts out of books."""

from typing import Annotated

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from customers.accounts.models import CreditAccount, DueRule
from customers.files.models import Address, Contact, Customer, Grade, Note
from customers.files.models import Kind as CustomerKind
from customers.files.services import ADDRESSES
from salesops.imports.books import Books
from salesops.imports.kinds import Kind, Total
from salesops.imports.rows import Choice, Count, Flag, Price, Ref, Row, Text
from salesops.imports.staging import fetch
from salesops.users.models import User

Days = Annotated[Count, Field(le=3650)]


class CustomerRow(Row):
    """A customer. An empty credit limit is not controlled, 0 means goods only against prepayment."""

    code: Text(20)  # type: ignore[valid-type]
    kind: Choice(CustomerKind) = "agent"  # type: ignore[valid-type]
    name: Text(160)  # type: ignore[valid-type]
    name_zh: Text(160) = ""  # type: ignore[valid-type]
    tax_number: Text(40) = ""  # type: ignore[valid-type]
    phone: Text(60) = ""  # type: ignore[valid-type]
    email: Text(254) = ""  # type: ignore[valid-type]
    region: Annotated[Text(60), Ref("regions")]  # type: ignore[valid-type]
    grade: Choice(Grade) = "B"  # type: ignore[valid-type]
    representative: Annotated[Text(150), Ref("people")] = ""  # type: ignore[valid-type]
    parent: Annotated[Text(60), Ref("customers")] = ""  # type: ignore[valid-type]
    is_active: Flag = True
    credit_limit: Price | None = None
    due_rule: Choice(DueRule) = "shipment"  # type: ignore[valid-type]
    due_days: Days = 30
    tolerance_days: Days = 15
    contact: Text(120) = ""  # type: ignore[valid-type]
    contact_phone: Text(60) = ""  # type: ignore[valid-type]
    contact_email: Text(254) = ""  # type: ignore[valid-type]
    address: Text(300) = ""  # type: ignore[valid-type]
    note: Text(2000) = ""  # type: ignore[valid-type]


class Customers(Kind):
    """Customers, each with its account, and with contact, address and note where the books have them."""

    key = "customers"
    shown_at = "customers:list"
    label = gettext_lazy("Customers")
    order = 40
    row = CustomerRow
    model = Customer
    identified_by = ("code",)
    goes_by = "code"
    guesses = {
        "code": ("code", "customer", "customer number", "customernumber", "客户编码", "客户编号", "编码"),
        "name": ("name", "customer name", "customername", "客户名称", "名称"),
        "name_zh": ("chinese name", "中文名称"),
        "tax_number": ("tax number", "vat", "税号"),
        "phone": ("phone", "telephone", "电话"),
        "email": ("email", "e-mail", "邮箱"),
        "region": ("region", "country", "area", "区域", "地区"),
        "grade": ("grade", "class", "等级"),
        "representative": ("representative", "sales rep", "salesrepemployeenumber", "业务员", "销售代表"),
        "credit_limit": ("credit limit", "creditlimit", "limit", "信用额度", "授信额度"),
        "due_days": ("payment terms", "terms", "账期"),
        "contact": ("contact", "contact name", "联系人"),
        "contact_phone": ("contact phone", "联系电话"),
        "address": ("address", "addressline1", "地址"),
        "note": ("note", "remark", "备注"),
    }

    def check(self, books: Books) -> None:
        books.refuse(self, "code", "s.code LIKE '%%/%%'", _("has a slash, which a customer's code cannot have"))
        taken = f"s.code IN {tuple(sorted(ADDRESSES))}"
        books.refuse(self, "code", taken, _("is a word that a page's address uses"))

    def totals(self, books: Books) -> list[Total]:
        ((limits, unlimited),) = fetch(
            "SELECT coalesce(sum(credit_limit), 0), count(*) FILTER (WHERE credit_limit IS NULL)"
            " FROM staged_customers WHERE standing = 'new' AND NOT bad"
        )
        return [Total(_("Credit limits"), limits, "money"), Total(_("Without a limit"), unlimited)]

    def load(self, books: Books, *, by: User) -> None:
        for rows in books.new_rows(self.key):
            Customer.objects.bulk_create(
                Customer(
                    id=row["id"],
                    code=row["code"],
                    kind=row["kind"],
                    name=row["name"],
                    name_zh=row["name_zh"],
                    tax_number=row["tax_number"],
                    phone=row["phone"],
                    email=row["email"],
                    region_id=row["region_id"],
                    grade=row["grade"],
                    representative_id=row["representative_id"],
                    parent_id=row["parent_id"],
                    is_active=row["is_active"],
                    created_by=by,
                    source_key=books.source_key(self, row["key"]),
                )
                for row in rows
            )
            CreditAccount.objects.bulk_create(
                CreditAccount(
                    customer_id=row["id"],
                    limit=row["credit_limit"],
                    due_rule=row["due_rule"],
                    due_days=row["due_days"],
                    tolerance_days=row["tolerance_days"],
                )
                for row in rows
            )
            Contact.objects.bulk_create(
                Contact(
                    customer_id=row["id"],
                    name=row["contact"],
                    phone=row["contact_phone"],
                    email=row["contact_email"],
                    is_main=True,
                )
                for row in rows
                if row["contact"]
            )
            Address.objects.bulk_create(
                Address(customer_id=row["id"], label=_("Main address"), text=row["address"], is_default=True)
                for row in rows
                if row["address"]
            )
            Note.objects.bulk_create(
                Note(customer_id=row["id"], text=row["note"], written_by=by) for row in rows if row["note"]
            )
