"""Categories, products, prices, warehouses and stock out of books."""

from decimal import Decimal
from typing import Annotated

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.files.models import Grade
from orders.catalogue.models import Category, Price, PriceList, Product
from orders.catalogue.services import ADDRESSES
from orders.stock.models import Movement, Stock, StockMovement, Warehouse
from salesops.imports.books import Books
from salesops.imports.kinds import Kind, Total
from salesops.imports.rows import Choice, Count, Day, Flag, Percent, Quantity, Ref, Row, Text
from salesops.imports.rows import Price as PriceCell
from salesops.imports.staging import execute, fetch
from salesops.users.models import User


class CategoryRow(Row):
    """A line of products."""

    name: Text(120)  # type: ignore[valid-type]
    name_zh: Text(120) = ""  # type: ignore[valid-type]


class Categories(Kind):
    """Lines of products; one that products name and no file holds is made of its name."""

    key = "categories"
    shown_at = "orders:categories"
    label = gettext_lazy("Categories")
    order = 50
    row = CategoryRow
    model = Category
    identified_by = ("name",)
    goes_by = "name"
    adopts = True
    named_only = ("name",)
    guesses = {"name": ("category", "product line", "productline", "品类", "类别"), "name_zh": ("chinese name",)}

    def load(self, books: Books, *, by: User) -> None:
        for rows in books.new_rows(self.key):
            Category.objects.bulk_create(
                Category(id=row["id"], name=row["name"], name_zh=row["name_zh"]) for row in rows
            )


class ProductRow(Row):
    """A product."""

    sku: Text(40)  # type: ignore[valid-type]
    name: Text(160)  # type: ignore[valid-type]
    name_zh: Text(160) = ""  # type: ignore[valid-type]
    category: Annotated[Text(120), Ref("categories")]  # type: ignore[valid-type]
    unit: Text(20) = "pcs"  # type: ignore[valid-type]
    pack_size: Quantity = 1
    tax_rate: Percent = Decimal(13)
    is_active: Flag = True


class Products(Kind):
    """Products."""

    key = "products"
    shown_at = "orders:products"
    label = gettext_lazy("Products")
    order = 60
    row = ProductRow
    model = Product
    identified_by = ("sku",)
    goes_by = "sku"
    guesses = {
        "sku": ("sku", "product code", "productcode", "item", "商品编码", "物料编码", "货号"),
        "name": ("name", "product name", "productname", "description", "商品名称", "品名"),
        "category": ("category", "product line", "productline", "品类", "类别"),
        "unit": ("unit", "单位"),
        "pack_size": ("pack size", "packing", "装箱数"),
        "tax_rate": ("tax rate", "vat", "税率"),
    }

    def check(self, books: Books) -> None:
        books.refuse(self, "sku", "s.sku LIKE '%%/%%'", _("has a slash, which a SKU cannot have"))
        taken = f"s.sku IN {tuple(sorted(ADDRESSES))}"
        books.refuse(self, "sku", taken, _("is a word that a page's address uses"))

    def load(self, books: Books, *, by: User) -> None:
        for rows in books.new_rows(self.key):
            Product.objects.bulk_create(
                Product(
                    id=row["id"],
                    sku=row["sku"],
                    name=row["name"],
                    name_zh=row["name_zh"],
                    category_id=row["category_id"],
                    unit=row["unit"],
                    pack_size=row["pack_size"],
                    tax_rate=row["tax_rate"],
                    is_active=row["is_active"],
                )
                for row in rows
            )


class PriceListRow(Row):
    """A price list."""

    name: Text(120)  # type: ignore[valid-type]
    grade: Choice(Grade) = ""  # type: ignore[valid-type]
    valid_from: Day
    valid_until: Day | None = None
    includes_tax: Flag = True
    is_active: Flag = True


class PriceLists(Kind):
    """Price lists."""

    key = "price_lists"
    shown_at = "orders:price_lists"
    label = gettext_lazy("Price lists")
    order = 70
    row = PriceListRow
    model = PriceList
    identified_by = ("name",)
    goes_by = "name"
    adopts = True
    guesses = {
        "name": ("price list", "name", "价目表"),
        "grade": ("grade", "等级"),
        "valid_from": ("valid from", "from", "生效日期"),
        "valid_until": ("valid until", "until", "失效日期"),
    }

    def check(self, books: Books) -> None:
        books.refuse(self, "valid_until", "s.valid_until < s.valid_from", _("is before the list starts"))

    def load(self, books: Books, *, by: User) -> None:
        names = ("id", *(name for name in PriceListRow.model_fields if name != "key"))
        for rows in books.new_rows(self.key):
            PriceList.objects.bulk_create(PriceList(**{name: row[name] for name in names}) for row in rows)


class PriceRow(Row):
    """What a product costs by a list."""

    price_list: Annotated[Text(120), Ref("price_lists")]  # type: ignore[valid-type]
    product: Annotated[Text(60), Ref("products")]  # type: ignore[valid-type]
    amount: PriceCell


class Prices(Kind):
    """Prices on lists."""

    key = "prices"
    shown_at = "orders:price_lists"
    label = gettext_lazy("Prices")
    order = 80
    row = PriceRow
    model = Price
    identified_by = ("price_list", "product")
    guesses = {
        "price_list": ("price list", "价目表"),
        "product": ("product", "sku", "productcode", "product code", "商品编码"),
        "amount": ("price", "amount", "msrp", "单价", "价格"),
    }

    def check(self, books: Books) -> None:
        books.refuse(
            self,
            "product",
            "s.standing = 'new' AND EXISTS (SELECT 1 FROM orders_price p"
            " WHERE p.price_list_id = s.price_list_id AND p.product_id = s.product_id)",
            _("has a price on this list already, which did not come from these books"),
        )

    def load(self, books: Books, *, by: User) -> None:
        for rows in books.new_rows(self.key):
            Price.objects.bulk_create(
                Price(
                    id=row["id"],
                    price_list_id=row["price_list_id"],
                    product_id=row["product_id"],
                    amount=row["amount"],
                )
                for row in rows
            )


class WarehouseRow(Row):
    """A place that goods leave from."""

    code: Text(20)  # type: ignore[valid-type]
    name: Text(120)  # type: ignore[valid-type]
    name_zh: Text(120) = ""  # type: ignore[valid-type]


class Warehouses(Kind):
    """Warehouses; one that others name and no file holds is made of its code."""

    key = "warehouses"
    shown_at = "orders:warehouses"
    label = gettext_lazy("Warehouses")
    order = 90
    row = WarehouseRow
    model = Warehouse
    identified_by = ("code",)
    goes_by = "code"
    adopts = True
    named_only = ("code", "name")
    guesses = {"code": ("warehouse", "code", "仓库", "仓库编码"), "name": ("name", "warehouse name", "仓库名称")}

    def load(self, books: Books, *, by: User) -> None:
        for rows in books.new_rows(self.key):
            Warehouse.objects.bulk_create(
                Warehouse(id=row["id"], code=row["code"], name=row["name"], name_zh=row["name_zh"]) for row in rows
            )


class StockRow(Row):
    """Pieces that lie in a warehouse today."""

    warehouse: Annotated[Text(60), Ref("warehouses")]  # type: ignore[valid-type]
    product: Annotated[Text(60), Ref("products")]  # type: ignore[valid-type]
    quantity: Count
    batch: Text(60) = ""  # type: ignore[valid-type]
    day: Day | None = None


class OpeningStock(Kind):
    """What lies in the warehouses when the books are taken over. History does not touch it."""

    key = "stock"
    shown_at = "orders:stock"
    label = gettext_lazy("Stock")
    order = 100
    row = StockRow
    model = StockMovement
    identified_by = ("warehouse", "product")
    guesses = {
        "warehouse": ("warehouse", "仓库"),
        "product": ("product", "sku", "productcode", "product code", "商品编码"),
        "quantity": ("quantity", "stock", "on hand", "quantityinstock", "库存", "数量"),
        "batch": ("batch", "批次", "批号"),
    }

    def key_of(self, row: Row) -> str:
        key = super().key_of(row)
        batch = getattr(row, "batch", "")
        return f"{key}/{batch}" if batch and not row.key else key

    def check(self, books: Books) -> None:
        """Nothing is nothing to load; a day to come is no day for stock."""
        execute("UPDATE staged_stock SET standing = 'there' WHERE quantity = 0 AND NOT bad")
        books.refuse(self, "day", f"s.day > '{timezone.localdate()}'", _("lies in the future"))

    def totals(self, books: Books) -> list[Total]:
        ((pieces,),) = fetch("SELECT coalesce(sum(quantity), 0) FROM staged_stock WHERE standing = 'new' AND NOT bad")
        return [Total(_("Pieces"), pieces)]

    def load(self, books: Books, *, by: User) -> None:
        """Add the pieces to the stock (its rows are locked already), each with its movement."""
        execute(
            "INSERT INTO orders_stock (warehouse_id, product_id, on_hand, reserved)"
            " SELECT warehouse_id, product_id, sum(quantity), 0 FROM staged_stock s"
            " WHERE standing = 'new' AND NOT bad GROUP BY warehouse_id, product_id ORDER BY 1, 2"
            " ON CONFLICT (warehouse_id, product_id) DO UPDATE SET on_hand = orders_stock.on_hand + excluded.on_hand"
        )
        today = timezone.localdate()
        for rows in books.new_rows(self.key):
            StockMovement.objects.bulk_create(
                StockMovement(
                    id=row["id"],
                    warehouse_id=row["warehouse_id"],
                    product_id=row["product_id"],
                    kind=Movement.OPENING,
                    quantity=row["quantity"],
                    batch=row["batch"],
                    moved_on=row["day"] or today,
                    recorded_by=by,
                )
                for row in rows
            )


def lock_stock() -> None:
    """Lock the stock that loading changes: warehouse by warehouse, product by product."""
    wanted = fetch(
        "SELECT warehouse_id, array_agg(DISTINCT product_id) FROM ("
        "SELECT warehouse_id, product_id FROM staged_stock s WHERE standing = 'new' AND NOT bad UNION ALL"
        " SELECT d.warehouse_id, l.product_id FROM staged_delivery_lines l"
        " JOIN staged_deliveries d ON d.id = l.delivery_id"
        " WHERE d.state IN ('approved', 'partly_shipped') AND d.standing = 'new' AND NOT d.bad) s"
        " WHERE warehouse_id IN (SELECT id FROM orders_warehouse) GROUP BY warehouse_id ORDER BY warehouse_id"
    )
    for warehouse_id, product_ids in wanted:
        list(
            Stock.objects.select_for_update()
            .filter(warehouse_id=warehouse_id, product_id__in=product_ids)
            .order_by("product_id")
            .values_list("pk")
        )
