"""Addresses of this feature."""

from django.urls import path

from . import formviews, views

urlpatterns = [
    path("deliveries/", views.DeliveryList.as_view(), name="deliveries"),
    path("delivery-lines/", views.DeliveryLineList.as_view(), name="delivery_lines"),
    path("deliveries/new/", formviews.NewDelivery.as_view(), name="delivery_new"),
    path("deliveries/preview/", formviews.DeliveryPreview.as_view(), name="delivery_preview"),
    path("deliveries/products/", formviews.DeliveryProducts.as_view(), name="delivery_products"),
    path("deliveries/<str:number>/", views.DeliveryRecord.as_view(), name="delivery"),
    path("deliveries/<str:number>/change/", formviews.ChangeDelivery.as_view(), name="delivery_change"),
    path("deliveries/<str:number>/submission/", views.SubmitDelivery.as_view(), name="delivery_submission"),
    path("deliveries/<str:number>/withdrawal/", views.WithdrawDelivery.as_view(), name="delivery_withdrawal"),
    path("deliveries/<str:number>/reopening/", views.ReopenDelivery.as_view(), name="delivery_reopening"),
    path("deliveries/<str:number>/cancellation/", views.CancelRest.as_view(), name="delivery_cancellation"),
    path("deliveries/<str:number>/copy/", views.CopyDelivery.as_view(), name="delivery_copy"),
]
