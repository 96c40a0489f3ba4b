"""What time is it? The only file that asks the machine.

One `Clock` belongs to a whole stack. It is the system's time plus an offset, or frozen. All times are aware
datetimes in UTC with whole milliseconds; in the databases they are integers, milliseconds since the epoch.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def to_milliseconds(moment: datetime) -> int:
    """Milliseconds since the epoch, rounded down."""
    return (moment - EPOCH) // MILLISECOND


def from_milliseconds(milliseconds: int) -> datetime:
    """The moment so many milliseconds after the epoch."""
    return EPOCH + timedelta(milliseconds=milliseconds)


def to_seconds(moment: datetime) -> int:
    """Whole seconds since the epoch, rounded down."""
    return to_milliseconds(moment) // 1000


def utc_now() -> datetime:
    """The machine's own time, whatever a stack's clock says: for what is outside of any stack."""
    return Clock().now()


def stopwatch() -> float:
    """Seconds of a steady counter: for how long something took, never for what time it is."""
    return time.monotonic()


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What must be kept so that time goes on where it was: `frozen_at` or an offset, in milliseconds."""

    offset: int = 0
    frozen_at: int | None = None


def check_reading(reading: ClockReading) -> None:
    """Raises `OverflowError` for a time that does not exist, such as the year 300,000."""
    now = time.time_ns() // 1_000_000 + reading.offset if reading.frozen_at is None else reading.frozen_at
    from_milliseconds(now)


class Clock:
    """System time plus an offset, or frozen. Moves forward only.

    `remember` is called with each new reading before anybody can see the new time, so that after a restart on
    the same state folder time does not run backwards.
    """

    def __init__(self, reading: ClockReading = ClockReading(), remember: Callable[[ClockReading], None] | None = None):
        self._reading = reading
        self._remember = remember
        self._lock = threading.Lock()

    @classmethod
    def frozen(cls, at: datetime) -> "Clock":
        """A clock that stands still until it is moved."""
        return cls(ClockReading(frozen_at=to_milliseconds(at)))

    @property
    def is_frozen(self) -> bool:
        """Does it move only when told to?"""
        return self._reading.frozen_at is not None

    def milliseconds(self) -> int:
        """Now, in milliseconds since the epoch."""
        reading = self._reading
        if reading.frozen_at is not None:
            return reading.frozen_at
        return time.time_ns() // 1_000_000 + reading.offset

    def now(self) -> datetime:
        """Now, in UTC."""
        return from_milliseconds(self.milliseconds())

    def move_to(self, moment: datetime) -> None:
        """Make `moment` the present. A moment that is already past changes nothing."""
        with self._lock:
            ahead = to_milliseconds(moment) - self.milliseconds()
            if ahead <= 0:
                return
            frozen_at = self._reading.frozen_at
            reading = (
                ClockReading(offset=self._reading.offset + ahead)
                if frozen_at is None
                else ClockReading(frozen_at=frozen_at + ahead)
            )
            if self._remember is not None:
                self._remember(reading)
            self._reading = reading
