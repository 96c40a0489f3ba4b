"""The passage of one record through the steps of a Zap, and its history.

A run is worked as one job in the lane of its Zap. Before each call the step is stored as `calling`; found so
after a crash, the step is done again and the run says that the outcome of the first call is unknown.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from ..rig.jobs import Job
from . import coercion, errors, history, mapping, runs, schedule, storage
from .caller import Caller, Record
from .equipment import Equipment
from .history import CALLING, RunRow, StepRunRow
from .problems import Problem
from .runs import StepResult
from .storage import Workspace, ZapRow
from .zaps import Step, Zap

OUTCOME_UNKNOWN = (
    "The rig ended while this step was being called, so the outcome of that first call is unknown. It was done again."
)


def lane_of(zap_id: int) -> str:
    """The lane in which everything of one Zap happens."""
    return f"zap/{zap_id}"


class Runner:
    """Begins runs, works them, replays them."""

    def __init__(self, equipment: Equipment, caller: Caller):
        self._database = equipment.database
        self._clock = equipment.clock
        self._ids = equipment.ids
        self._jobs = equipment.jobs
        self._caller = caller
        self._jobs.register("run", self._run)

    def put_catch(
        self, db: sqlite3.Connection, zap_id: int, version: int, body: Any, replayed: int | None = None
    ) -> None:
        """Let the trigger read a delivery; `replayed` is the number of a run that failed at this."""
        payload = {"zap": zap_id, "version": version, "body": body, "run": replayed}
        self._jobs.put(db, "catch", payload, due_at=self._clock.now(), lane=lane_of(zap_id))

    def keep_catch(
        self,
        db: sqlite3.Connection,
        row: ZapRow,
        version: int,
        caught: Mapping[str, Any],
        records: Sequence[Record],
        failure: Exception | None,
    ) -> None:
        """Begin a run per record of a delivery; a delivery that could not be read is a run that failed."""
        replayed: int | None = caught["run"]
        if failure is not None:
            number = replayed or self._add(db, row, version)
            step = StepRunRow(1, "error", caught["body"], None, runs.failed(failure).error, None)
            self._close(db, number, step)
        elif replayed and not records:
            self._close(db, replayed, StepRunRow(1, "success", caught["body"], None, None, "Not meant for this Zap."))
        for position, record in enumerate(records):
            self.begin(db, row, version, record, replayed if position == 0 else None)

    def begin(
        self, db: sqlite3.Connection, row: ZapRow, version: int, record: Record | Mapping[str, Any],
        number: int | None = None,
    ) -> None:  # fmt: skip
        """Begin the passage of one record; `number` is that of a run which is begun again."""
        number = number or self._add(db, row, version)
        history.set_run_status(db, number, "pending", None)
        history.put_step_run(db, number, StepRunRow(1, "success", None, record, None, None))
        self._put(db, row.id, number)

    def _add(self, db: sqlite3.Connection, row: ZapRow, version: int) -> int:
        number = history.next_run_number(db)
        history.add_run(db, number, self._ids.uuid("run", number), row, version, self._clock.milliseconds())
        return number

    def _put(self, db: sqlite3.Connection, zap_id: int, number: int) -> None:
        self._jobs.put(db, "run", {"run": number}, due_at=self._clock.now(), lane=lane_of(zap_id))

    def _close(self, db: sqlite3.Connection, number: int, step: StepRunRow) -> None:
        history.put_step_run(db, number, step)
        history.set_run_status(db, number, step.status, self._clock.milliseconds())

    def _run(self, job: Job) -> None:
        """Take one record through the steps that are still to be done."""
        with self._database.read() as db:
            run = history.find_run(db, job.payload["run"])
            zap = Zap.stored(storage.definition_of(db, run.zap_id, run.version)) if run else None
            before = {step.step: step for step in history.list_step_runs(db, run.number)} if run else {}
        if run is None or zap is None:  # the Zap was deleted meanwhile
            with self._database.write() as db:
                self._jobs.finish(db, job)
            return
        outputs = {number: step.data_out for number, step in before.items() if step.status == "success"}
        waiting = [number for number in range(2, len(zap.steps) + 2) if number not in outputs]
        for number in waiting:
            was_calling = number in before and before[number].status == CALLING
            note = OUTCOME_UNKNOWN if was_calling else None
            data_in, result = self._do_step(run, zap.steps[number - 2], number, outputs, note)
            self._keep_step(job, run, number, data_in, result, note, is_last=number == waiting[-1])
            if result.status != "success":
                return
            outputs[number] = result.data_out

    def _do_step(
        self, run: RunRow, step: Step, number: int, outputs: Mapping[int, Any], note: str | None
    ) -> tuple[dict[str, Any], StepResult]:
        data_in, problems = self.fill(step, outputs)
        if problems:
            return data_in, runs.refused(problems)
        with self._database.write() as db:
            if history.find_run(db, run.number):
                history.put_step_run(db, run.number, StepRunRow(number, CALLING, data_in, None, None, note))
        return data_in, self._caller.act(run.workspace_id, step, data_in)

    def _keep_step(
        self,
        job: Job,
        run: RunRow,
        number: int,
        data_in: Mapping[str, Any],
        result: StepResult,
        note: str | None,
        *,
        is_last: bool,
    ) -> None:
        waits = result.status == "throttled" and job.attempt < schedule.MOST_THROTTLED_TRIES
        status = "error" if result.status == "throttled" and not waits else result.status
        step = StepRunRow(number, status, data_in, result.data_out, result.error, note)
        with self._database.write() as db:
            if history.find_run(db, run.number) is None:  # the Zap was deleted meanwhile, and its runs with it
                self._jobs.finish(db, job)
            elif waits:
                history.put_step_run(db, run.number, step)
                history.set_run_status(db, run.number, "throttled", None)
                wait = schedule.throttled_wait(result.retry_after_seconds)
                self._jobs.again(db, job, due_at=self._clock.now() + wait)
            elif status == "success" and not is_last:
                history.put_step_run(db, run.number, step)
            else:
                self._close(db, run.number, step)
                self._jobs.finish(db, job)

    def fill(self, step: Step, outputs: Mapping[int, Any]) -> tuple[dict[str, Any], list[Problem]]:
        """What an action would be called with: `(input data, problems)`."""
        return coercion.coerce(mapping.fill(step.fields, outputs), self._caller.action_of(step).input_fields)

    def replay(self, workspace: Workspace, id: str) -> RunRow:
        """Do the failed step and those after it again.

        Raises `ApiError` 409 for a run that did not fail, or whose Zap has other steps by now.
        """
        with self._database.write() as db:
            run = history.find_run_by_id(db, workspace.id, id)
            if run is None:
                raise errors.not_found("run", id)
            if run.status != "error":
                raise errors.conflict("not_replayable", f"Only an errored run is replayed; this one is {run.status}.")
            row = storage.find_zap(db, workspace.id, run.zap_id)
            assert row is not None  # noqa: S101 - runs go with their Zap
            if not self._has_same_steps(db, row, run.version):
                message = "The steps of this Zap have changed since the run, so it cannot be replayed."
                raise errors.conflict("zap_changed", message)
            self._put_replay(db, row, run)
            history.set_run_status(db, run.number, "pending", None)
            return history.find_run(db, run.number) or run

    def _put_replay(self, db: sqlite3.Connection, row: ZapRow, run: RunRow) -> None:
        first = history.list_step_runs(db, run.number)[0]
        if first.status == "error":
            self.put_catch(db, row.id, run.version, first.data_in, run.number)
        else:
            self._put(db, row.id, run.number)

    def _has_same_steps(self, db: sqlite3.Connection, row: ZapRow, version: int) -> bool:
        then = Zap.stored(storage.definition_of(db, row.id, version))
        now = Zap.stored(storage.definition_of(db, row.id, row.version))
        return [(step.app, step.event) for step in then.steps] == [(step.app, step.event) for step in now.steps]

    def list_runs(self, workspace: Workspace, zap_id: int | None, before: int | None, limit: int) -> list[RunRow]:
        """Runs, newest first, of one Zap or of the workspace."""
        with self._database.read() as db:
            return history.list_runs(db, workspace.id, zap_id, before, limit)

    def show(self, workspace: Workspace, id: str) -> tuple[RunRow, list[StepRunRow]]:
        """A run with its steps. Raises `ApiError` 404."""
        with self._database.read() as db:
            run = history.find_run_by_id(db, workspace.id, id)
            if run is None:
                raise errors.not_found("run", id)
            return run, history.list_step_runs(db, run.number)
