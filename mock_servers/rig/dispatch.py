"""Who works the due jobs, and when: by the caller's own thread in tests, by a few workers in a served rig.

`settle` works until nothing is due now and nothing is in hand. `advance` moves the clock from due time to due
time, so that seven two-minute polls are seven polls and a retry after 3 s carries its own time.
"""

import logging
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from .clock import Clock
from .jobs import Job, Jobs

LONGEST_ADVANCE = timedelta(days=400)
MOST_JOBS = 100_000
LONGEST_WAIT = 5.0
"""Seconds after which a worker without work looks again, whatever it was told."""

_log = logging.getLogger(__name__)


class NeverSettlesError(Exception):
    """Far more became due than any test means; usually a Zap that triggers itself."""


class StoppingError(Exception):
    """The rig is ending: no more work is begun. What is due is worked by whoever opens the state next."""


class AdvanceError(ValueError):
    """The clock cannot be moved by that much."""


class Dispatcher:
    """The due work of all services, in the order (due time, service, id)."""

    def __init__(self, clock: Clock, *, most_jobs: int = MOST_JOBS):
        self._clock = clock
        self._most_jobs = most_jobs
        self._services: list[Jobs] = []
        self._changed = threading.Condition()
        self._changes = 0
        self._in_hand = 0
        self._pauses = 0
        self._is_stopping = False
        self._workers: list[threading.Thread] = []
        self._advancing = threading.Lock()

    def add(self, jobs: Jobs) -> Jobs:
        """Take care of one more service's jobs; gives them back."""
        self._services.append(jobs)
        return jobs

    def find_problems(self) -> list[dict[str, Any]]:
        """The jobs of all services that failed unforeseen and were set aside."""
        return [problem for jobs in self._services for problem in jobs.find_problems()]

    def wake(self) -> None:
        """Something may have become due: let everybody look again."""
        with self._changed:
            self._changes += 1
            self._changed.notify_all()

    def earliest_due_at(self) -> datetime | None:
        """When the next job that nobody has in hand is due, or None."""
        return min((job.due_at for jobs in self._services if (job := jobs.earliest())), default=None)

    def _take(self) -> tuple[Jobs, Job] | None:
        with self._changed:
            if self._pauses:
                return None
            now = self._clock.now()
            due = [
                (job.due_at, position, jobs, job)
                for position, jobs in enumerate(self._services)
                if (job := jobs.earliest()) and job.due_at <= now
            ]
            if not due:
                return None
            _, _, jobs, job = min(due, key=lambda each: each[:2])
            jobs.take(job)
            self._in_hand += 1
            return jobs, job

    def _work(self, jobs: Jobs, job: Job) -> None:
        try:
            jobs.work(job)
        finally:
            with self._changed:  # one step: whoever sees nothing in hand must also see that something changed
                self._in_hand -= 1
                self._changes += 1
                self._changed.notify_all()

    def settle(self) -> int:
        """Work until nothing is due now and nothing is in hand; returns how many jobs this call worked.

        Raises `NeverSettlesError` after `most_jobs`, and whatever a job raised that failed unforeseen.
        """
        worked: Counter[str] = Counter()
        self._settle(worked)
        return worked.total()

    def _settle(self, worked: Counter[str]) -> None:
        while True:
            if self._is_stopping:
                raise StoppingError("The rig is ending; what is due stays due.")
            with self._changed:
                seen = self._changes
            if taken := self._take():
                jobs, job = taken
                self._work(jobs, job)
                worked[f"{jobs.name}: {job.task} ({job.lane})"] += 1
                if worked.total() >= self._most_jobs:
                    busiest = ", ".join(f"{name} {count} times" for name, count in worked.most_common(3))
                    message = f"{self._most_jobs:,} jobs were worked and more are due. The busiest: {busiest}."
                    raise NeverSettlesError(message)
                continue
            with self._changed:
                if self._changes != seen:
                    continue
                if self._in_hand == 0 and not self._pauses:
                    return
                self._changed.wait(timeout=0.5)

    def advance(self, by: timedelta) -> int:
        """Move the clock forward by `by`, working everything that becomes due on the way; returns the jobs worked."""
        if not timedelta(0) <= by <= LONGEST_ADVANCE:
            message = f"The clock moves forward by 0 to {LONGEST_ADVANCE.days} days at once, not by {by}."
            raise AdvanceError(message)
        worked: Counter[str] = Counter()
        with self._advancing:
            target = self._clock.now() + by
            self._settle(worked)
            while (due_at := self.earliest_due_at()) is not None and due_at <= target:
                self._clock.move_to(due_at)
                self._settle(worked)
            self._clock.move_to(target)
        self.wake()
        return worked.total()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let nothing new be worked, and wait for what is in hand; for resets and snapshots."""
        with self._changed:
            self._pauses += 1
            self._changed.wait_for(lambda: self._in_hand == 0)
        try:
            yield
        finally:
            with self._changed:
                self._pauses -= 1
            self.wake()

    def start(self, workers: int) -> None:
        """Start threads that work jobs as they become due."""
        for number in range(workers):
            thread = threading.Thread(target=self._work_forever, name=f"zaprig-worker-{number + 1}", daemon=True)
            self._workers.append(thread)
            thread.start()

    def stop(self) -> None:
        """Begin nothing more, and wait for what is in hand, whoever works it."""
        self._is_stopping = True
        self.wake()
        for thread in self._workers:
            thread.join()
        self._workers.clear()
        with self._changed:
            self._changed.wait_for(lambda: self._in_hand == 0)

    def _work_forever(self) -> None:
        while not self._is_stopping:
            try:
                self._work_or_wait()
            except Exception:  # a worker that ended would leave work undone without a word
                _log.exception("A job failed and was set aside, or the due work could not be read")
                with self._changed:
                    self._changed.wait(timeout=0.05)

    def _work_or_wait(self) -> None:
        with self._changed:
            seen = self._changes
        if taken := self._take():
            self._work(*taken)
            return
        due_at = self.earliest_due_at()
        wait = LONGEST_WAIT if due_at is None else max((due_at - self._clock.now()).total_seconds(), 0.01)
        with self._changed:
            if self._changes == seen and not self._is_stopping:
                self._changed.wait(timeout=min(wait, LONGEST_WAIT))
