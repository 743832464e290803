"""What the pages themselves must remember: forms already sent, and views that people keep."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class FormSubmission(models.Model):
    """A form that was carried out. Its key is unique, so that sending it twice has one effect."""

    key = models.CharField(max_length=40, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    url = models.CharField(max_length=400)
    result_url = models.CharField(max_length=400, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return f"{self.url} {self.key}"


class SavedView(models.Model):
    """Filters and order of a list that somebody keeps under a name."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    page_key = models.CharField(max_length=100)
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=1000, blank=True)
    is_default = models.BooleanField(_("open the list with this view"), default=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["user", "page_key", "name"], name="a_view_is_named_once_per_list"),
            models.UniqueConstraint(
                fields=["user", "page_key"], condition=models.Q(is_default=True), name="a_list_opens_with_one_view"
            ),
        ]

    def __str__(self) -> str:
        return self.name
