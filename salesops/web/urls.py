"""Addresses of the shell itself."""

from django.urls import path

from . import components, savedviews, views

app_name = "web"
urlpatterns = [
    path("find/", views.Find.as_view(), name="find"),
    path("bell/", views.BellPart.as_view(), name="bell"),
    path("panels/<str:record>/<str:key>/<str:lookup>/", views.PanelPart.as_view(), name="panel"),
    path("cards/<str:key>/", views.CardPart.as_view(), name="card"),
    path("language/", views.language, name="language"),
    path("views/", savedviews.SaveView.as_view(), name="save_view"),
    path("views/<int:pk>/", savedviews.ChangeView.as_view(), name="change_view"),
    path("views/<int:pk>/deletion/", savedviews.DeleteView.as_view(), name="delete_view"),
    path("components/", components.Components.as_view(), name="components"),
]
