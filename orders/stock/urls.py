"""Addresses of stock, expected goods and warehouses."""

from django.urls import URLPattern, path

from . import views

urlpatterns: list[URLPattern] = [
    path("stock/", views.StockList.as_view(), name="stock"),
    path("stock/movements/", views.Movements.as_view(), name="movements"),
    path("stock/receipts/new/", views.Receipt.as_view(), name="stock_receipt"),
    path("stock/counts/new/", views.StockCount.as_view(), name="stock_count"),
    path("expected/", views.Expected.as_view(), name="expected"),
    path("expected/new/", views.ExpectedNew.as_view(), name="expected_new"),
    path("expected/<int:pk>/change/", views.ExpectedChange.as_view(), name="expected_change"),
    path("expected/<int:pk>/receipt/", views.ExpectedReceipt.as_view(), name="expected_receipt"),
    path("expected/<int:pk>/call-off/", views.ExpectedCallOff.as_view(), name="expected_call_off"),
    path("warehouses/", views.Warehouses.as_view(), name="warehouses"),
    path("warehouses/new/", views.WarehouseNew.as_view(), name="warehouse_new"),
    path("warehouses/<int:pk>/change/", views.WarehouseChange.as_view(), name="warehouse_change"),
]
