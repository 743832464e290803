"""Address of the team page."""

from django.urls import path

from . import views

urlpatterns = [path("team/", views.TeamPage.as_view(), name="team")]
