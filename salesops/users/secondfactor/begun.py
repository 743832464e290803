"""A second factor that is being set up: its secret lies in the session that began it, for an hour, and nowhere else."""

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

KEY = "second_factor_begun"
KEPT = timedelta(hours=1)


def device_in(request: HttpRequest) -> TOTPDevice | None:
    """Return the device that this session has begun, not saved; None where it has none, or none within the hour."""
    kept = request.session.get(KEY)
    if not kept or kept["until"] < timezone.now().timestamp():
        return None
    return TOTPDevice(user=request.user, name="app", key=kept["key"])


def begin(request: HttpRequest) -> TOTPDevice:
    """Return the device that this session sets up: the one that it has begun, or one of a new secret. Not saved."""
    device = device_in(request)
    if device is None:
        device = TOTPDevice(user=request.user, name="app")
        request.session[KEY] = {"key": device.key, "until": (timezone.now() + KEPT).timestamp()}
    return device


def forget(request: HttpRequest) -> None:
    """Let the session know the secret no longer."""
    request.session.pop(KEY, None)
