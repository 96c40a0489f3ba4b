"""What a person does in the editor: draft, test trigger, pick a record, test step, publish, on, off.

A published Zap may have one draft beside its live version; editing never touches the live one.
"""

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from connector.definition import Meta
from connector.errors import ConnectorError

from . import errors, runs, storage
from .caller import Caller, NoConnectionError, WrongShapeError, explain
from .connections import Connections
from .equipment import Equipment
from .intake import Intake
from .problems import Problem
from .runner import Runner
from .runs import StepResult
from .storage import Workspace, ZapRow
from .zaps import FindConnection, Step, UnreadableZapError, Zap, find_gaps, find_step, problems_before_publish, read_zap

MOST_TEST_RECORDS = 3
"""*Test trigger* lists three at a time. (Facts on Zapier 4.2; documented)"""


@dataclass(frozen=True, slots=True)
class ShownZap:
    """A Zap as the editor shows it: the draft if there is one, else the live version."""

    row: ZapRow
    zap: Zap
    problems: list[Problem]
    test_records: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class StepTest:
    """What *Test step* shows."""

    data_in: Mapping[str, Any]
    result: StepResult


class Editor:
    """Zaps while they are made, and whether they are on."""

    def __init__(self, equipment: Equipment, connections: Connections, caller: Caller, intake: Intake, runner: Runner):
        self._equipment = equipment
        self._database = equipment.database
        self._connections = connections
        self._caller = caller
        self._intake = intake
        self._runner = runner
        self._busy: set[int] = set()
        self._busy_lock = threading.Lock()

    # Drafts

    def create(self, workspace: Workspace, document: Any) -> ShownZap:
        """Keep a new Zap as a draft. Raises `ApiError` naming every mistake; then nothing is kept."""
        zap = self._read(document)
        with self._database.write() as db:
            id = storage.add_zap(db, workspace.id, zap.view(), self._now())
        return self.show(workspace, id)

    def edit(self, workspace: Workspace, id: int, changes: Any) -> ShownZap:
        """Replace top-level members (title, timezone, trigger, steps) in the draft; the live version stays."""
        if not isinstance(changes, dict):
            raise errors.invalid("The body must be a JSON object.", [Problem("", "This must be an object.")])
        with self._database.write() as db:
            _, before = self._find(db, workspace, id)
            zap = self._read({**before.view(), **changes})
            storage.write_draft(db, id, zap.view(), self._now())
            if not zap.has_same_trigger(before):
                storage.forget_tests(db, id)
        return self.show(workspace, id)

    def _read(self, document: Any) -> Zap:
        try:
            return read_zap(document, self._equipment.apps)
        except UnreadableZapError as error:
            count = len(error.problems)
            message = f"This is not a Zap yet: {count} mistake{'s' if count > 1 else ''}. Nothing was changed."
            raise errors.invalid(message, error.problems) from None

    def show(self, workspace: Workspace, id: int) -> ShownZap:
        """A Zap with what still hinders publishing and what its trigger test found. Raises `ApiError` 404."""
        with self._database.read() as db:
            row, zap = self._find(db, workspace, id)
            records = storage.list_test_records(db, id)
        return ShownZap(row, zap, self._gaps(workspace, zap), records)

    def list_zaps(self, workspace: Workspace, after: int, limit: int) -> list[ShownZap]:
        """The Zaps of a workspace by id."""
        with self._database.read() as db:
            rows = storage.list_zaps(db, workspace.id, after, limit)
            zaps = [self._shown(db, row) for row in rows]
        return [ShownZap(row, zap, self._gaps(workspace, zap), []) for row, zap in zip(rows, zaps, strict=True)]

    def _gaps(self, workspace: Workspace, zap: Zap) -> list[Problem]:
        return find_gaps(zap, self._equipment.apps, self._connection_finder(workspace))

    def _connection_finder(self, workspace: Workspace) -> FindConnection:
        return lambda app, reference: self._connections.find_problem(workspace.id, app, reference)

    def delete(self, workspace: Workspace, id: int) -> None:
        """Turn the Zap off and forget it with its runs."""
        with self._alone(id):
            with self._database.read() as db:
                row, _ = self._find(db, workspace, id)
            self._deactivate(row)
            with self._database.write() as db:
                self._intake.cancel_polls(db, id)
                storage.delete_zap(db, id)

    # Tests

    def test_trigger(self, workspace: Workspace, id: int) -> ShownZap:
        """Fetch up to three records, newest first; the newest is selected. Remembers nothing as seen.

        Raises `ApiError`: nothing was found, or the trigger failed.
        """
        shown = self.show(workspace, id)
        self._require_connection(workspace, shown.zap.trigger, "trigger")
        try:
            records = self._caller.list_records(workspace.id, shown.zap, Meta(is_loading_sample=True))
        except (ConnectorError, WrongShapeError, NoConnectionError) as error:
            raise explain("trigger", error) from error
        trigger = self._caller.trigger_of(shown.zap)
        if not records:
            message = f"No {trigger.noun.lower()} was found. Make one and test again, or go on with the sample."
            raise errors.conflict("nothing_found", message)
        with self._database.write() as db:
            self._find(db, workspace, id)
            newest = [
                ("-".join(str(record.get(key)) for key in trigger.primary), f"{trigger.noun} {letter}", record)
                for letter, record in zip("ABC", records[:MOST_TEST_RECORDS], strict=False)
            ]
            storage.replace_test_records(db, id, newest)
        return self.show(workspace, id)

    def select_record(self, workspace: Workspace, id: int, record_id: str) -> ShownZap:
        """Go on with this record of the trigger test. Raises `ApiError` naming the ones there are."""
        with self._database.write() as db:
            self._find(db, workspace, id)
            there = [record["id"] for record in storage.list_test_records(db, id)]
            if record_id not in there:
                shown = ", ".join(there) or "none; test the trigger first"
                problem = Problem("record_id", f"There is no such test record; there are: {shown}.")
                raise errors.invalid(problem.message, [problem])
            storage.select_record(db, id, record_id)
        return self.show(workspace, id)

    def test_step(self, workspace: Workspace, id: int, number: int) -> StepTest:
        """Run an action once for real with the selected record, or with the trigger's sample if none was."""
        shown = self.show(workspace, id)
        step = find_step(shown.zap, number)
        if step is None or number == 1:
            last = len(shown.zap.steps) + 1
            raise errors.not_found("action", f"at step {number} (actions are 2 to {last}; step 1 has test-trigger)")
        self._require_connection(workspace, step, f"steps[{number - 2}]")
        data_in, problems = self._runner.fill(step, self._sample_outputs(shown, number))
        if problems:
            return StepTest(data_in, runs.refused(problems))
        result = self._caller.act(workspace.id, step, data_in, is_test=True)
        if result.status == "success":
            with self._database.write() as db:
                self._find(db, workspace, id)
                storage.keep_step_test(db, id, number, result.data_out)
        return StepTest(data_in, result)

    def _require_connection(self, workspace: Workspace, step: Step, path: str) -> None:
        reference = step.connection
        message = (
            f"Choose a connection: an id, a title, or @{step.app}."
            if reference is None
            else self._connections.find_problem(workspace.id, step.app, reference)
        )
        if message and self._equipment.apps[step.app].authentications:
            raise errors.invalid(message, [Problem(f"{path}.connection", message)])

    def _sample_outputs(self, shown: ShownZap, number: int) -> dict[int, Any]:
        with self._database.read() as db:
            tested = storage.list_step_tests(db, shown.row.id)
        selected = [each["record"] for each in shown.test_records if each["id"] == shown.row.selected_record]
        outputs = {1: selected[0] if selected else self._caller.trigger_of(shown.zap).sample}
        for earlier in range(2, number):
            sample = self._caller.action_of(shown.zap.steps[earlier - 2]).sample
            outputs[earlier] = tested.get(earlier, sample)
        return outputs

    # Publish, on, off

    def publish(self, workspace: Workspace, id: int) -> ShownZap:
        """Make the draft the live version and turn the Zap on. Without a draft, only turn it on.

        Raises `ApiError` with everything that hinders it; then the live version stays as it was.
        """
        with self._alone(id):
            with self._database.read() as db:
                row, zap = self._find(db, workspace, id)
                live = self._live(db, row)
            problems = problems_before_publish(zap, self._equipment.apps, self._connection_finder(workspace))
            if problems:
                count = len(problems)
                message = f"The Zap cannot be published: {count} thing{'s' if count > 1 else ''} to mend."
                raise errors.invalid(message, problems)
            zap = self._pin_connections(workspace, zap)
            keeps_trigger = row.state == "on" and live is not None and zap.has_same_trigger(live)
            activation = None if keeps_trigger else self._activate(workspace, zap)
            with self._database.write() as db:
                is_edited_meanwhile = self._find(db, workspace, id)[0].draft != row.draft
                if row.draft is not None:
                    storage.publish(db, id, zap.view(), keeps_draft=is_edited_meanwhile)
                if activation is not None:
                    self._turn_on(db, row, zap, *activation)
            if activation is not None and row.state == "on" and live is not None:
                self._unsubscribe(row, live)
        return self.show(workspace, id)

    def turn_on(self, workspace: Workspace, id: int) -> ShownZap:
        """Subscribe or poll again with the live version; what happened while it was off never fires."""
        with self._alone(id):
            with self._database.read() as db:
                row, _ = self._find(db, workspace, id)
                live = self._live(db, row)
            if live is None:
                raise errors.conflict("never_published", "This Zap was never published. Publish it first.")
            if row.state != "on":
                activation = self._activate(workspace, live)
                with self._database.write() as db:
                    self._find(db, workspace, id)
                    self._turn_on(db, row, live, *activation)
        return self.show(workspace, id)

    def turn_off(self, workspace: Workspace, id: int) -> ShownZap:
        """Unsubscribe and forget what was seen. A run that has begun is finished."""
        with self._alone(id):
            with self._database.read() as db:
                row, _ = self._find(db, workspace, id)
            self._deactivate(row)
        return self.show(workspace, id)

    def poll(self, workspace: Workspace, id: int) -> int:
        """Poll out of turn; returns how many records were new."""
        with self._database.read() as db:
            row, _ = self._find(db, workspace, id)
            live = self._live(db, row)
        if row.state != "on" or live is None or live.by != "polling":
            raise errors.conflict("not_polling", "Only a Zap that is on and triggered by polling can be polled.")
        try:
            return self._intake.poll_now(row, live)
        except (ConnectorError, WrongShapeError, NoConnectionError) as error:
            raise explain("trigger", error) from error

    def _pin_connections(self, workspace: Workspace, zap: Zap) -> Zap:
        """The Zap with connections by id, so that a live Zap stays clear when more accounts are connected."""

        def pin(step: Step) -> Step:
            found = self._connections.find(workspace.id, step.app, step.connection)
            return step if isinstance(found, str) else replace(step, connection=found.id)

        return replace(zap, trigger=pin(zap.trigger), steps=[pin(step) for step in zap.steps])

    def _activate(self, workspace: Workspace, zap: Zap) -> tuple[str, Any, list[str]]:
        """Subscribe a fresh hook address, or see what is there: `(hook id, subscribe data, seen keys)`."""
        with self._database.write() as db:
            hook_id = self._equipment.ids.hex("hook", storage.next_hook_number(db))
        try:
            if zap.by == "hook":
                return hook_id, self._caller.subscribe(workspace.id, zap, self.hook_url(hook_id)), []
            return hook_id, None, self._intake.populate(workspace.id, zap)
        except (ConnectorError, WrongShapeError, NoConnectionError) as error:
            raise explain("trigger", error) from error

    def _turn_on(
        self, db: sqlite3.Connection, row: ZapRow, zap: Zap, hook_id: str, subscribe_data: Any, seen: list[str]
    ) -> None:
        self._intake.cancel_polls(db, row.id)
        storage.turn_on(db, row.id, hook_id, subscribe_data, self._now())
        storage.add_seen(db, row.id, seen)
        if zap.by == "polling":
            self._intake.put_first_poll(db, row, hook_id)

    def _deactivate(self, row: ZapRow) -> None:
        with self._database.write() as db:
            live = self._live(db, row)
            if row.state != "on" or live is None:
                return
            self._intake.cancel_polls(db, row.id)
            storage.turn_off(db, row.id, self._now())
        self._unsubscribe(row, live)

    def _unsubscribe(self, row: ZapRow, zap: Zap) -> None:
        """Take a hook address back. The Zap is off anyway, so a failure is only noted. (Zapier 3.6; documented)"""
        if zap.by != "hook" or row.hook_id is None:
            return
        try:
            self._caller.unsubscribe(row.workspace_id, zap, self.hook_url(row.hook_id), row.subscribe_data)
        except (ConnectorError, NoConnectionError) as error:
            with self._database.write() as db:
                storage.note_poll(db, row.id, f"The old hook could not be unsubscribed: {error}")

    def hook_url(self, hook_id: str) -> str:
        """Where deliveries for this activation of a Zap go."""
        return self._equipment.addresses.to_url(f"zapier:/hooks/standard/{hook_id}")

    def _find(self, db: sqlite3.Connection, workspace: Workspace, id: int) -> tuple[ZapRow, Zap]:
        row = storage.find_zap(db, workspace.id, id)
        if row is None:
            raise errors.not_found("Zap", id)
        return row, self._shown(db, row)

    def _shown(self, db: sqlite3.Connection, row: ZapRow) -> Zap:
        return Zap.stored(row.draft if row.draft is not None else storage.definition_of(db, row.id, row.version))

    def _live(self, db: sqlite3.Connection, row: ZapRow) -> Zap | None:
        return Zap.stored(storage.definition_of(db, row.id, row.version)) if row.version else None

    @contextmanager
    def _alone(self, id: int) -> Iterator[None]:
        """Publishing and turning on call out, so no lock is held; a second one meanwhile is refused."""
        with self._busy_lock:
            if id in self._busy:
                raise errors.conflict("busy", "This Zap is being published or turned on or off. Try again in a moment.")
            self._busy.add(id)
        try:
            yield
        finally:
            with self._busy_lock:
                self._busy.discard(id)

    def _now(self) -> int:
        return self._equipment.clock.milliseconds()
