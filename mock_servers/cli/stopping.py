"""How a command that serves comes to its end: somebody says stop, and what is in hand is finished."""

import signal
import threading
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stop(BaseException):
    """Somebody said stop: Ctrl-C, or a polite kill."""


def heed_signals() -> None:
    """From now on a signal raises `Stop`."""
    for number in SIGNALS:
        signal.signal(number, _stop)


def _stop(*_: Any) -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)  # the end is on its way; a second signal must not tear it
    raise Stop


def wait() -> None:
    """Wait for a signal.

    The system may interrupt another thread, and Python runs signal handlers in the main one only: so it wakes up by
    itself now and then.
    """
    never = threading.Event()
    while True:
        never.wait(0.2)
