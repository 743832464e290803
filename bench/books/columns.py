"""The tables that grow with the deliveries, and the columns that the generator writes of each."""

EVENT = "orders_deliveryevent"
DELIVERY = (
    "id number customer_id warehouse_id state ordered_on wanted_on address note representative_id region_id"
    " created_by_id created_at submitted_by_id submitted_at approved_at net tax amount approved_amount"
    " cancelled_amount shipped_amount is_disputed version"
)
COLUMNS: dict[str, list[str]] = {
    table: names.split()
    for table, names in {
        "orders_delivery": DELIVERY,
        "orders_deliveryline": (
            "id delivery_id position product_id quantity unit_price price_includes_tax discount_percent tax_rate net"
            " tax amount approved_quantity cancelled_quantity shipped_quantity reserved_quantity"
        ),
        EVENT: f"pgh_label pgh_created_at pgh_obj_id pgh_context_id {DELIVERY}",
        "approvals_request": (
            "id document_type object_id number title title_zh amount customer_id owner_id team_id region_id author_id"
            " submitted_by_id submitted_at note version_id facts state stage_id role due_at ended_at"
        ),
        "approvals_decision": "request_id stage_id verdict by_id note facts accepted at",
        "orders_shipment": (
            "id number delivery_id customer_id warehouse_id shipped_on amount carrier tracking note recorded_by_id"
            " recorded_at source_key"
        ),
        "orders_shipmentline": "shipment_id line_id quantity batch amount",
        "orders_payment": "id number customer_id received_on amount method reference note recorded_by_id recorded_at",
        "orders_receivableentry": (
            "id customer_id source source_id document text posted_on due_on debit credit posted_by_id posted_at"
        ),
        "orders_openitem": "id entry_id customer_id is_debit posted_on due_on amount open_amount",
        "orders_allocation": "debit_id credit_id amount allocated_on made_at",
        "notify_notice": "id user_id kind title text url dedupe in_bell waits_for_digest created_at read_at",
    }.items()
}
