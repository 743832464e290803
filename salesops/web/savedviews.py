"""Views of a list that people keep: saved, renamed, chosen as the one to open with, deleted; only one's own."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from salesops.kernel.errors import require

from .actionpage import ActionPage
from .models import SavedView

MOST_VIEWS = 20


class SaveView(ActionPage):
    """Keep the filters and order of the open list under a name; the same name again replaces it."""

    def perform(self) -> str:
        given = self.request.POST
        name = given.get("name", "").strip()[:60]
        page_key = given.get("page_key", "")[:100]
        require(name and page_key, _("A view needs a name."), field="name", rule="name")
        save_view(
            self.request.user, page_key, name, clean_query(given.get("query", "")), given.get("is_default") == "on"
        )
        return _("Saved as “%(name)s”.") % {"name": name}


class _OwnView(ActionPage):
    def view_of_person(self) -> SavedView:
        """The view, if it is the person's own."""
        found = SavedView.objects.filter(user=self.request.user.pk, pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found


class ChangeView(_OwnView):
    """Give a view another name, or open the list with it."""

    def perform(self) -> str:
        view = self.view_of_person()
        name = self.request.POST.get("name", "").strip()[:60]
        require(name, _("A view needs a name."), field="name", rule="name")
        others = SavedView.objects.filter(user=view.user, page_key=view.page_key).exclude(pk=view.pk)
        require(
            not others.filter(name=name).exists(), _("There is a view of that name already."), field="name", rule="name"
        )
        with transaction.atomic():
            view.name, view.is_default = name, self.request.POST.get("is_default") == "on"
            if view.is_default:
                others.update(is_default=False)
            view.save(update_fields=["name", "is_default"])
        return _("Saved as “%(name)s”.") % {"name": name}


class DeleteView(_OwnView):
    """Delete a view."""

    def perform(self) -> str:
        view = self.view_of_person()
        view.delete()
        return _("“%(name)s” is deleted.") % {"name": view.name}


def clean_query(query: str) -> str:
    """Return the query as names and values only: nothing in it ends it early, or leads anywhere else."""
    return urlencode(parse_qsl(query[:1000], keep_blank_values=True))[:1000]


@transaction.atomic
def save_view(user: Any, page_key: str, name: str, query: str, is_default: bool) -> SavedView:
    """Keep a view; afterwards at most one view of the list is the one it opens with."""
    own = SavedView.objects.filter(user=user, page_key=page_key)
    is_new = not own.filter(name=name).exists()
    require(
        not is_new or own.count() < MOST_VIEWS,
        _("Twenty views of one list are enough; delete one first."),
        rule="views",
    )
    if is_default:
        own.update(is_default=False)
    view, _created = own.update_or_create(
        name=name,
        defaults={"query": query, "is_default": is_default},
        create_defaults={
            "user": user,
            "page_key": page_key,
            "name": name,
            "query": query,
            "is_default": is_default,
        },
    )
    return view
