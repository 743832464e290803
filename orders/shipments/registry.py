"""What this feature adds to the shell."""

from django.utils.translation import gettext_lazy as _

from salesops.notify.registry import NoticeKind, notice_kinds

notice_kinds.add(NoticeKind("delivery.shipped", _("Goods of my deliveries have left"), order=30))
