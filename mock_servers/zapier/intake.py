"""How news reaches published Zaps: deliveries to hook addresses, and polls.

Each is a job in the lane of its Zap. HTTP calls are made outside any transaction; the runs they lead to and the
end of the job are stored in one.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from connector.definition import Meta
from connector.errors import ThrottledError

from ..rig.jobs import Job
from . import dedupe, errors, runs, schedule, storage
from .caller import Caller, Record
from .equipment import Equipment
from .runner import Runner, lane_of
from .storage import ZapRow
from .zaps import Zap


class Intake:
    """Accepts deliveries, polls, and hands new records to the runner."""

    def __init__(self, equipment: Equipment, caller: Caller, runner: Runner):
        self._database = equipment.database
        self._clock = equipment.clock
        self._jobs = equipment.jobs
        self._caller = caller
        self._runner = runner
        self._jobs.register("catch", self._catch)
        self._jobs.register("poll", self._poll)

    def receive(self, hook_id: str, body: Any, delivery: str | None) -> bool:
        """Accept one delivery to a hook address; False if this very delivery was accepted before.

        Raises `ApiError` 410 if no published Zap is behind the address. `delivery` is the sender's own mark of
        this attempt, if it sends one.
        """
        with self._database.write() as db:
            row = storage.find_zap_by_hook(db, hook_id)
            if row is None or row.state != "on":
                raise errors.gone()
            if delivery is not None and not storage.is_new_delivery(db, f"{hook_id} {delivery}"):
                return False
            self._runner.put_catch(db, row.id, row.version, body)
            return True

    def _catch(self, job: Job) -> None:
        """Let the trigger make records of one delivery; each becomes a run. No record: it was not meant for us."""
        zap_id, version, body = job.payload["zap"], job.payload["version"], job.payload["body"]
        with self._database.read() as db:
            row = storage.find_zap(db, None, zap_id)
            zap = Zap.stored(storage.definition_of(db, zap_id, version)) if row else None
        records: Sequence[Record] = ()
        failure: Exception | None = None
        if row and zap:
            try:
                records = self._caller.read_delivery(row.workspace_id, zap, body)
            except Exception as problem:  # an app's code is somebody else's: what it raises ends this run only
                failure = problem
        with self._database.write() as db:
            if isinstance(failure, ThrottledError) and job.attempt < schedule.MOST_THROTTLED_TRIES:
                wait = schedule.throttled_wait(failure.retry_after_seconds)
                self._jobs.again(db, job, due_at=self._clock.now() + wait)
                return
            row = storage.find_zap(db, None, zap_id)  # it may have been deleted meanwhile
            if row:
                self._runner.keep_catch(db, row, version, job.payload, records, failure)
            self._jobs.finish(db, job)

    def put_first_poll(self, db: sqlite3.Connection, row: ZapRow, hook_id: str) -> None:
        """Poll one interval from now, and on and on until the Zap is turned off."""
        plan = storage.workspace_of(db, row.workspace_id).plan
        due_at = self._clock.now() + schedule.POLLING_INTERVALS[plan]
        self._jobs.put(db, "poll", {"zap": row.id, "hook_id": hook_id}, due_at=due_at, lane=lane_of(row.id))

    def cancel_polls(self, db: sqlite3.Connection, zap_id: int) -> None:
        """No more polls for this Zap."""
        self._jobs.cancel(db, lane_of(zap_id), "poll")

    def populate(self, workspace_id: int, zap: Zap) -> list[str]:
        """The keys of what is there already, so that it never fires. Raises what the app raises."""
        records = self._caller.list_records(workspace_id, zap, Meta(is_populating_dedupe=True))
        primary = self._caller.trigger_of(zap).primary
        return [dedupe.key_of(record, primary) for record in records]

    def poll_now(self, row: ZapRow, zap: Zap) -> int:
        """One poll out of turn; returns how many records were new. Raises what the app raises."""
        records = self._caller.list_records(row.workspace_id, zap, Meta())
        with self._database.write() as db:
            now = self._find_polled(db, row.id, row.hook_id)
            return self._keep_poll(db, now, zap, records) if now else 0

    def _poll(self, job: Job) -> None:
        with self._database.read() as db:
            row = self._find_polled(db, job.payload["zap"], job.payload["hook_id"])
            zap = Zap.stored(storage.definition_of(db, row.id, row.version)) if row else None
        records: Sequence[Record] = ()
        problem: str | None = None
        if row and zap:
            try:
                records = self._caller.list_records(row.workspace_id, zap, Meta())
            except Exception as failure:  # see _catch: a failed poll makes no run, and the next one tries again
                shown = runs.failed(failure).error or {}
                problem = f"{shown['type']}: {shown['message']}"
        with self._database.write() as db:
            row = self._find_polled(db, job.payload["zap"], job.payload["hook_id"])
            if row is None or zap is None:
                self._jobs.finish(db, job)
                return
            storage.note_poll(db, row.id, problem)
            self._keep_poll(db, row, zap, records)
            plan = storage.workspace_of(db, row.workspace_id).plan
            self._jobs.again(db, job, due_at=schedule.next_poll_at(job.due_at, self._clock.now(), plan))

    def _find_polled(self, db: sqlite3.Connection, zap_id: int, hook_id: str | None) -> ZapRow | None:
        """The Zap of a poll, unless it was turned off (and perhaps on again, with polls of its own) since."""
        row = storage.find_zap(db, None, zap_id)
        return row if row and row.state == "on" and row.hook_id == hook_id else None

    def _keep_poll(self, db: sqlite3.Connection, row: ZapRow, zap: Zap, records: Sequence[Mapping[str, Any]]) -> int:
        primary = self._caller.trigger_of(zap).primary
        keys = [dedupe.key_of(record, primary) for record in records]
        fresh = dedupe.unseen(records, storage.seen_among(db, row.id, keys), primary)
        storage.add_seen(db, row.id, fresh)
        for record in fresh.values():
            self._runner.begin(db, row, row.version, record)
        return len(fresh)
