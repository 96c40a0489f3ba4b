"""How often and when: polling intervals and waits.

Source: facts on Zapier 3.1 and 3.2, read 2026-11; documented.
"""

from datetime import datetime, timedelta

POLLING_INTERVALS = {
    "free": timedelta(minutes=15),
    "professional": timedelta(minutes=2),
    "team": timedelta(minutes=1),
    "enterprise": timedelta(minutes=1),
}

THROTTLED_WAIT = timedelta(seconds=60)
"""Where the service does not say how long to wait."""

LONGEST_THROTTLED_WAIT = timedelta(hours=1)

MOST_THROTTLED_TRIES = 5
"""Assumed: after so many throttled tries the step is an error."""


def next_poll_at(due_at: datetime, now: datetime, plan: str) -> datetime:
    """One interval after the poll was due; after a long sleep, one interval from now."""
    interval = POLLING_INTERVALS[plan]
    return due_at + interval if due_at + interval > now else now + interval


def throttled_wait(retry_after_seconds: int | None) -> timedelta:
    """How long a throttled step waits before it is tried again."""
    if retry_after_seconds is None:
        return THROTTLED_WAIT
    return min(timedelta(seconds=max(retry_after_seconds, 1)), LONGEST_THROTTLED_WAIT)
