"""Addresses of products, prices and discount rights."""

from django.urls import URLPattern, path

from . import pricelistviews, views

urlpatterns: list[URLPattern] = [
    path("products/", views.Products.as_view(), name="products"),
    path("products/new/", views.ProductNew.as_view(), name="product_new"),
    path("products/pick/", views.PickProduct.as_view(), name="pick_product"),
    path("products/<str:sku>/", views.ProductRecord.as_view(), name="product"),
    path("products/<str:sku>/change/", views.ProductChange.as_view(), name="product_change"),
    path("categories/", views.Categories.as_view(), name="categories"),
    path("categories/new/", views.CategoryNew.as_view(), name="category_new"),
    path("categories/<int:pk>/change/", views.CategoryChange.as_view(), name="category_change"),
    path("price-lists/", pricelistviews.PriceLists.as_view(), name="price_lists"),
    path("price-lists/new/", pricelistviews.PriceListNew.as_view(), name="price_list_new"),
    path("price-lists/<int:pk>/", pricelistviews.PriceListRecord.as_view(), name="price_list"),
    path("price-lists/<int:pk>/change/", pricelistviews.PriceListChange.as_view(), name="price_list_change"),
    path("price-lists/<int:pk>/prices/", pricelistviews.Prices.as_view(), name="prices"),
    path("price-lists/<int:pk>/prices/change/", pricelistviews.PricesChange.as_view(), name="prices_change"),
    path("discount-rights/", views.DiscountRights.as_view(), name="discount_rights"),
]
