"""Every change to the region tree."""

from django.db import transaction
from django.db.models import F, ProtectedError
from django.utils.translation import gettext as _

from salesops.kernel.errors import RuleBroken, require
from salesops.users.models import Region, User
from salesops.web.history import recorded

from .queries import subtree_ids

ADDRESSES = frozenset({"new", "pick"})
"""Addresses below /regions/ that are not regions."""


@transaction.atomic
@recorded
def add_region(*, by: User, code: str, name: str, name_zh: str = "", parent_id: int | None = None) -> Region:
    """Add a region below another, or a highest one."""
    _lock_tree()
    _check_code_is_free(code)
    level = Region.objects.get(pk=parent_id).level + 1 if parent_id else 1
    return Region.objects.create(
        code=code.strip(), name=name.strip(), name_zh=name_zh.strip(), parent_id=parent_id, level=level
    )


@transaction.atomic
@recorded
def change_region(
    region_id: int, *, by: User, code: str, name: str, name_zh: str = "", parent_id: int | None = None
) -> Region:
    """Rename a region, or hang it under another one with all below it. It never comes to lie below itself."""
    _lock_tree()
    region = Region.objects.select_for_update(of=("self",)).get(pk=region_id)
    _check_code_is_free(code, besides=region)
    moves = parent_id != region.parent_id
    below = subtree_ids(region.pk) if moves else []
    require(
        parent_id not in below,
        _("“%(region)s” cannot lie below itself.") % {"region": region},
        rule="circle",
        field="parent",
    )
    region.code, region.name, region.name_zh = code.strip(), name.strip(), name_zh.strip()
    region.parent_id = parent_id
    region.save(update_fields=["code", "name", "name_zh", "parent"])
    if moves:
        level = Region.objects.get(pk=parent_id).level + 1 if parent_id else 1
        shift = level - region.level
        if shift:
            Region.objects.filter(pk__in=below).update(level=F("level") + shift)
        region.level = level
    return region


@transaction.atomic
@recorded
def delete_region(region_id: int, *, by: User) -> None:
    """Remove a region that nothing belongs to."""
    _lock_tree()
    region = Region.objects.select_for_update(of=("self",)).get(pk=region_id)
    refused = _("“%(region)s” is in use and stays: %(by)s.")
    if region.children.exists():
        raise RuleBroken(refused % {"region": region, "by": _("other regions lie below it")}, rule="in use")
    kinds = [
        relation.related_model._meta.verbose_name_plural
        for relation in Region._meta.related_objects
        if relation.many_to_many
        and relation.related_model._default_manager.filter(**{relation.field.name: region.pk}).exists()
    ]
    if kinds:
        raise RuleBroken(refused % {"region": region, "by": ", ".join(map(str, kinds))}, rule="in use")
    try:
        region.delete()
    except ProtectedError as error:
        names = sorted({str(row._meta.verbose_name_plural) for row in error.protected_objects})
        raise RuleBroken(refused % {"region": region, "by": ", ".join(names)}, rule="in use") from error


def _lock_tree() -> None:
    """Let changes of the tree follow one another: two moves at once could make a circle that neither sees."""
    list(Region.objects.select_for_update().filter(parent=None).order_by("pk").values_list("pk", flat=True))


def _check_code_is_free(code: str, besides: Region | None = None) -> None:
    require(code.strip() not in ADDRESSES, _("This code is taken."), field="code", rule="code")
    others = Region.objects.filter(code=code.strip())
    if besides is not None:
        others = others.exclude(pk=besides.pk)
    require(not others.exists(), _("There is a region of this code already."), field="code", rule="code")
