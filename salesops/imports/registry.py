"""What importing adds to the shell."""

from django.utils.translation import gettext_lazy

from salesops.web import registry

registry.menu.add(
    registry.MenuEntry(
        "imports",
        gettext_lazy("Books from files"),
        "imports:list",
        "upload",
        "settings",
        permission="imports.import_books",
        order=80,
    )
)
