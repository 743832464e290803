"""The tree of regions, a level at a time, and the choice of a region by typing."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salesops.users.models import Region
from salesops.users.roles import Role
from salesops.web.pages import Action, ActionPage, Autocomplete, FormPage, Page

from .forms import RegionForm
from .queries import children_of, find_regions, paths_of, with_counts
from .services import add_region, change_region, delete_region

MANAGE = "users.manage_regions"
MOST_FOUND = 100


class RegionsPage(Page):
    """The tree: the highest regions, each opened where it stands; or, with `q`, what the text finds."""

    title = gettext_lazy("Regions")
    permission_required = MANAGE
    menu_key = "regions"
    template_name = "users/regions.html"

    def actions(self) -> Sequence[Action]:
        """Buttons in the head."""
        return [Action(_("New region"), reverse("users:region_new"), "plus", primary=True)]

    def context(self, **more: Any) -> dict[str, Any]:
        text = self.request.GET.get("q", "").strip()[:60]
        context: dict[str, Any] = {"text": text}
        if text:
            found = list(with_counts(find_regions(text))[: MOST_FOUND + 1])
            paths = paths_of(found)
            context |= {"found": [(region, paths[region.pk]) for region in found[:MOST_FOUND]]}
            context |= {"more_found": len(found) > MOST_FOUND}
        else:
            context |= {"regions": children_of(None)}
        return super().context(**context, **more)

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if getattr(request, "htmx", False) and request.htmx.target == "regions":
            return self.render("users/regions_part.html", **self.context())
        return super().get(request, *args, **kwargs)


class OfRegion(Page):
    """A page of the region that the address names."""

    @cached_property
    def region(self) -> Region:
        """The region; Http404 where there is none."""
        found = Region.objects.filter(code=self.kwargs["code"]).first()
        if found is None:
            raise Http404
        return found


class RegionChildren(OfRegion, Page):
    """The regions directly below one, for the tree."""

    permission_required = MANAGE
    template_name = "users/regions_level.html"

    def context(self, **more: Any) -> dict[str, Any]:
        return super().context(regions=children_of(self.region.pk), **more)


class RegionForms(FormPage):
    """What writing a new region and changing one have in common."""

    permission_required = MANAGE
    menu_key = "regions"
    form_class = RegionForm

    def crumbs(self) -> Sequence[tuple[Any, str | None]]:
        return [(_("Regions"), reverse("users:regions")), (self.heading(), None)]

    @staticmethod
    def given(form: RegionForm) -> dict[str, Any]:
        """What was typed, as the services take it."""
        data = form.cleaned_data
        parent = data["parent"]
        return {**{key: data[key] for key in ("code", "name", "name_zh")}, "parent_id": parent.pk if parent else None}


class NewRegion(RegionForms):
    """A region below another."""

    title = gettext_lazy("New region")
    message = gettext_lazy("The region is there.")

    def get_initial(self) -> dict[str, Any]:
        code = self.request.GET.get("in", "").replace("\x00", "")
        above = Region.objects.filter(code=code).first()
        return {"parent": above.pk if above else None}

    def perform(self, form: RegionForm) -> str:
        region = add_region(by=self.request.user, **self.given(form))
        return f"{reverse('users:regions')}?q={region.code}"


class ChangeRegion(OfRegion, RegionForms):
    """Another name, or another place in the tree; a region that nothing belongs to may go."""

    template_name = "web/form_with_actions.html"
    message = gettext_lazy("Saved.")

    def heading(self) -> str:
        return _("Change %(name)s") % {"name": self.region}

    def actions(self) -> Sequence[Action]:
        """Buttons in the head."""
        url = reverse("users:region_deletion", args=[self.region.code])
        return [Action(_("Delete"), url, "trash", method="post", danger=True)]

    def get_initial(self) -> dict[str, Any]:
        region = self.region
        return {"code": region.code, "name": region.name, "name_zh": region.name_zh, "parent": region.parent_id}

    def perform(self, form: RegionForm) -> str:
        region = change_region(self.region.pk, by=self.request.user, **self.given(form))
        return f"{reverse('users:regions')}?q={region.code}"


class DeleteRegion(OfRegion, ActionPage):
    """A region that nothing belongs to goes."""

    permission_required = MANAGE

    def get_success_url(self) -> str:
        return reverse("users:regions")

    def perform(self) -> str:
        name = str(self.region)
        delete_region(self.region.pk, by=self.request.user)
        return _("“%(name)s” is deleted.") % {"name": name}


class PickRegion(Autocomplete):
    """Regions by any part of code or name, with what they lie in; not for agents."""

    def allowed(self) -> bool:
        return not self.request.user.has_role(Role.AGENT)

    def rows(self) -> QuerySet[Region]:
        return Region.objects.order_by("level", "code")

    def search(self, rows: QuerySet[Region], text: str) -> QuerySet[Region]:
        return find_regions(text)

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        from django.http import JsonResponse

        found = list(self.search(self.rows(), request.GET.get("q", "").strip()[:100])[: self.limit])
        paths = paths_of(found)
        return JsonResponse({"results": [self.choice(region, str(paths[region.pk])) for region in found]})

    @staticmethod
    def choice(region: Region, path: str) -> dict[str, Any]:
        """How a region is shown: its name, and what it lies in."""
        return {"value": str(region.pk), "text": str(region), "sub": " · ".join(filter(None, [region.code, path]))}
