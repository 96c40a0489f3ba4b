"""When and against what a cassette was recorded, and whether that is too long ago.

It stands in vcrpy's own place for such things, `metadata`, which vcrpy keeps when it writes the file again:

    metadata:
      recorded_against: rig
      recorded_at: '2026-11-02T09:30:00Z'
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from ...rig.guard import is_loopback

Against = Literal["rig", "this machine", "live"]
"""What answered: a rig in this process, some server of this machine, or a service out there."""

_AGE = re.compile(r"(?P<number>[0-9]{1,5})(?P<unit>[smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the interactions of a cassette come from. `at` is the time of the oldest; None where nothing is said."""

    at: datetime | None = None
    against: frozenset[str] = frozenset()

    @classmethod
    def read(cls, metadata: Mapping[str, Any]) -> Self:
        """From a cassette's metadata. Raises `ValueError`."""
        at, against = metadata.get("recorded_at"), metadata.get("recorded_against")
        if not isinstance(against, str | None):
            raise ValueError(f"metadata.recorded_against is {str(against)[:40]!r}, no text such as 'rig'")  # noqa: TRY004
        names = frozenset(against.split(", ") if against else ())
        return cls(None if at is None else _read_time(at), names)

    def written(self) -> dict[str, str]:
        """As it stands in the cassette."""
        at = {} if self.at is None else {"recorded_at": self.at.astimezone(UTC).isoformat(timespec="seconds")}
        at = {name: value.replace("+00:00", "Z") for name, value in at.items()}
        return ({"recorded_against": ", ".join(sorted(self.against))} if self.against else {}) | at

    def joined_by(self, other: "Origin") -> "Origin":
        """The origin of both together."""
        times = [at for at in (self.at, other.at) if at is not None]
        return Origin(min(times, default=None), self.against | other.against)

    def find_problem(self, now: datetime, oldest: timedelta) -> str | None:
        """Why this is older than `oldest`, or cannot be told to be younger; None if it is young enough."""
        if self.at is None:
            return "does not say when it was recorded"
        age = now - self.at
        if age <= oldest:
            return None
        return (
            f"was recorded {spoken(age)} ago, at {self.at:%Y-%m-%d %H:%M} UTC; it may be at most {spoken(oldest)} old"
        )


def who_answers(url: str, adapter: object) -> Against:
    """What stands behind the adapter of a session for this address?"""
    if getattr(adapter, "is_rig", False):
        return "rig"
    return "this machine" if is_loopback((urlsplit(url).hostname or "").rstrip(".").lower()) else "live"


def read_age(text: str) -> timedelta:
    """`30d`, `12h`, `2w`: how old something may be. Raises `ValueError`, which says what would be right."""
    found = _AGE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no age; write a whole number and a unit, such as 30d, 12h or 2w")
    return timedelta(**{_UNITS[found["unit"]]: int(found["number"])})


def spoken(age: timedelta) -> str:
    """An age in words: `30 days`, `1 hour`."""
    seconds = int(age.total_seconds())
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size:
            return _counted(seconds // size, unit)
    return _counted(seconds, "second")


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _read_time(value: object) -> datetime:
    try:
        at = datetime.fromisoformat(str(value))
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        message = f"metadata.recorded_at is {str(value)[:40]!r}, no time such as '2026-11-02T09:30:00Z'"
        raise ValueError(message) from None
