"""How many calls of one account are in hand at once, and whether one more may begin.

Only calls at once are limited, not calls per minute. Source: developer.clevertap.com/docs/api-request-limit,
2026-03-17; documented. Profiles, events and tokens share one path and so one limit: assumed.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from . import errors
from .accounts import Account

UPLOAD = "/1/upload"


class Concurrency:
    """The calls in hand, in memory: a call that a crash ended is in hand no more."""

    def __init__(self) -> None:
        self._in_hand: Counter[tuple[str, str]] = Counter()
        self._most: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def call(self, account: Account, api: str) -> Iterator[None]:
        """Count a call of this path as in hand. Raises the 429 if there are too many and the account enforces it."""
        key = (account.id, api)
        settings = account.settings
        most = settings.upload_concurrency if api == UPLOAD else settings.other_concurrency
        with self._lock:
            if settings.enforce_limits and self._in_hand[key] >= most:
                raise errors.too_many_calls()
            self._in_hand[key] += 1
            self._most[key] = max(self._most[key], self._in_hand[key])
        try:
            yield
        finally:
            with self._lock:
                self._in_hand[key] -= 1
                if not self._in_hand[key]:
                    del self._in_hand[key]

    def most_at_once(self, account: Account) -> dict[str, int]:
        """The largest number of calls that were in hand at once, by path, since the server started or was reset."""
        with self._lock:
            return {api: most for (account_id, api), most in sorted(self._most.items()) if account_id == account.id}

    def clear(self) -> None:
        """Forget the largest numbers."""
        with self._lock:
            self._most.clear()
