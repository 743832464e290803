"""The button that has the file of a statistic made."""

from typing import Any

from django.utils.translation import gettext as _

from salesops.kernel.errors import require
from salesops.web.back import back_url
from salesops.web.pages import ActionPage

from .jobs import SEE, start_workbook
from .questions import Question


class StatisticsFile(ActionPage):
    """Has a file made of what the address asks, `details=1` with every line, `form=csv` as one flat table."""

    permission_required = SEE

    def perform(self) -> str:
        asked = self.request.GET
        form: Any = asked.get("form") or "xlsx"
        require(form in ("xlsx", "csv"), _("Files are made as xlsx or csv."), rule="form", field="form")
        job = start_workbook(Question.read(asked), by=self.request.user, details=asked.get("details") == "1", form=form)
        self.success_url = back_url(self.request, otherwise=job.get_absolute_url())
        return _("The file is being made. You may go on; it will wait for you under the bell.")
