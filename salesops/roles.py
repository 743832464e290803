"""Which permissions each role starts with; administrators change them in the product."""

EVERYBODY_INSIDE = [
    "users.delegate",
    "customers.view_customer",
    "orders.view_product",
    "orders.view_pricelist",
    "orders.view_delivery",
    "orders.view_shipment",
    "approvals.view_decision",
]
SALES = [*EVERYBODY_INSIDE, "orders.view_accounts", "orders.view_payment", "orders.view_stock"]
FIELD = [
    *SALES,
    "customers.file_customer",
    "orders.write_delivery",
    "orders.give_discount",
    "orders.ask_temporary_limit",
]

DEFAULT_PERMISSIONS: dict[str, list[str]] = {
    "representative": FIELD,
    "supervisor": [*FIELD, "orders.cancel_delivery", "users.view_team"],
    "regional_manager": [*FIELD, "orders.cancel_delivery", "users.view_team"],
    "sales_manager": [
        *FIELD,
        "orders.cancel_delivery",
        "customers.set_credit_terms",
        "users.view_team",
        "orders.manage_catalogue",
        "orders.change_discountright",
    ],
    "finance": [
        *SALES,
        "orders.record_payment",
        "orders.upload_ledger",
        "orders.match_ledger",
        "orders.verify_books",
        "customers.set_credit_terms",
        "imports.import_books",
    ],
    "supply": [
        *EVERYBODY_INSIDE,
        "orders.view_stock",
        "orders.ship_delivery",
        "orders.manage_stock",
    ],
    "personnel": ["approvals.view_decision", "users.view_team", "users.view_user", "users.delegate"],
    "marketing": [*EVERYBODY_INSIDE, "orders.manage_catalogue"],
    "agent": [
        "orders.view_product",
        "orders.view_delivery",
        "orders.view_shipment",
        "orders.view_accounts",
        "orders.view_payment",
        "orders.upload_ledger",
        "orders.write_delivery",
        "customers.view_customer",
    ],
    "administrator": [
        *SALES,
        "users.view_user",
        "users.view_team",
        "users.manage_users",
        "users.manage_regions",
        "approvals.manage_policies",
        "notify.view_outbox",
        "jobs.view_all_jobs",
        "customers.file_customer",
        "customers.set_credit_terms",
        "orders.manage_catalogue",
        "orders.change_discountright",
        "orders.manage_stock",
        "orders.verify_books",
        "imports.import_books",
    ],
}
