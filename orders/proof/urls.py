"""Addresses of proofs."""

from django.urls import URLPattern, path

from . import views

urlpatterns: list[URLPattern] = [
    path("proofs/", views.Proofs.as_view(), name="proofs"),
    path("proofs/new/", views.ProofNew.as_view(), name="proof_new"),
    path("proofs/<int:pk>/", views.ProofRecord.as_view(), name="proof"),
]
