"""Two things taking turns, and their medians."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Comparison:
    """Medians in seconds. `aim` is the ratio to stay below, or with `is_speed` above; None where there is none."""

    ours: str
    plain: str
    our_seconds: float
    plain_seconds: float
    aim: float | None = None
    is_speed: bool = False

    @property
    def ratio(self) -> float:
        """How many times longer ours takes, or with `is_speed`, how many times faster it is."""
        ratio = self.our_seconds / self.plain_seconds
        return 1 / ratio if self.is_speed else ratio

    @property
    def aim_in_words(self) -> str:
        """E.g. "at most 1.5"."""
        if self.aim is None:
            return "-"
        return f"at {'least' if self.is_speed else 'most'} {self.aim}"


def seconds_of(work: Callable[[], None]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def take_turns(ours: Callable[[], None], plain: Callable[[], None], turns: int) -> tuple[float, float]:
    """The medians of both in seconds, after one turn that does not count."""
    ours()
    plain()
    measured = [(seconds_of(ours), seconds_of(plain)) for _ in range(turns)]
    return statistics.median(each[0] for each in measured), statistics.median(each[1] for each in measured)
