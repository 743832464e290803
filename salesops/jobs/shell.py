"""What background work adds to the shell: the list, the bar over every page, and long exports of lists."""

from django.utils.translation import gettext_lazy as _

from salesops.web import exports, registry

from .bar import live_jobs_of
from .exports import start_export

registry.floating.add(registry.Floating("job-bar", "jobs:current", count=live_jobs_of))
registry.account.add(registry.AccountLink("jobs", _("Background work"), "jobs:list", "clock", order=40))
registry.menu.add(
    registry.MenuEntry(
        "jobs", _("Background work"), "jobs:list", "clock", "settings", permission="jobs.view_all_jobs", order=70
    )
)
exports.run_in_background = start_export
