"""The product in a process that can be told to die once its work is committed and not yet answered."""

import os
import signal
from collections.abc import Iterable
from typing import Any

from salesops.wsgi import application as product

DIE = "HTTP_X_DIE_BEFORE_THE_ANSWER"


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer as the product does, or be killed in the moment before."""
    answer = product(environ, start_response)
    if DIE in environ:
        os.kill(os.getpid(), signal.SIGKILL)
    return answer
