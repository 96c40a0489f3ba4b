"""Does a server answer as its OpenAPI document says, whatever it is sent?

schemathesis makes the requests: the document's examples, the edges of every schema, chance, and walks along the links.
Here its engine is set to work on one server, and what it tells is turned into checks and findings.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeGuard

from ...rig.clock import stopwatch
from .cases import UnpreparedServerError
from .findings import Finding, as_example, member_path
from .reports import Check
from .targets import PHASES, Adjust, Settings, Target, adjust_cases, load_schema

if TYPE_CHECKING:
    from schemathesis.core.failures import Failure
    from schemathesis.engine import events
    from schemathesis.engine.recorder import ScenarioRecorder
    from schemathesis.openapi.checks import JsonSchemaError
    from schemathesis.schemas import BaseSchema

Notice = Callable[[str, int], None]
"""Is told the phase that is at work and how many cases it has sent by now."""

PARTS = {
    "not_a_server_error": "response status",
    "status_code_conformance": "response status",
    "content_type_conformance": "response header",
    "response_headers_conformance": "response header",
    "response_schema_conformance": "response body",
}
"""What schemathesis's checks look at; all others look at what a server does with a request."""

WALKS = "stateful"

NATURAL = ("No examples in schema", "No coverage cases could be generated")
"""Why an operation may have no case in a phase."""


def unnoticed(phase: str, cases: int) -> None:
    """Tell nobody."""


def fuzz(target: Target, settings: Settings, notice: Notice = unnoticed) -> list[Check]:
    """One check for each phase: how many cases were sent, what was found, and what hindered the work.

    The same settings and the same server give the same cases. What hinders the work is a problem of its check; a
    document that cannot be read is one of every check. Raises `KeyboardInterrupt` if somebody said stop.
    """
    from jsonschema_rs import ValidationError
    from requests import RequestException
    from schemathesis.errors import SchemathesisError

    reading = _Reading(target.name, settings.phases, notice)
    try:
        schema = load_schema(target, settings)
        schema.validate()
        adjust = target.prepare(schema)
    except (SchemathesisError, ValidationError, UnpreparedServerError, RequestException) as problem:
        reading.cannot_begin(problem)
        return reading.checks()
    with _adjusted(schema, adjust):
        _work(schema, reading)
        _walk_on(schema, reading)
    return reading.checks()


def _work(schema: "BaseSchema", reading: "_Reading") -> None:
    from schemathesis.engine import from_schema

    for event in from_schema(schema).execute():
        reading.take(event)


def _walk_on(schema: "BaseSchema", reading: "_Reading") -> None:
    """Begin more walks, with the next seeds, until there are as many as were wished for.

    schemathesis ends them without a word when one that it repeats leads elsewhere, which is nothing strange with a
    server that remembers. Seen with 4.32.
    """
    wanted = schema.config.generation_for(phase=WALKS).max_examples or 0
    for phase in PHASES:
        schema.config.phases.get_by_name(name=phase).enabled = phase == WALKS
    before = 0
    while before < reading.walks < wanted and not reading.is_hindered:
        before = reading.walks
        schema.config.seed += 1
        _work(schema, reading)


@contextmanager
def _adjusted(schema: "BaseSchema", adjust: Adjust) -> Iterator[None]:
    """Have every case of this document adjusted, until the block ends."""
    import schemathesis

    hook = adjust_cases(schema, adjust)
    try:
        yield
    finally:
        schemathesis.hooks.unregister(hook)


class _Reading:
    """Turns the engine's events, one after the other, into checks."""

    def __init__(self, name: str, phases: Sequence[str], notice: Notice):
        self._name = name
        self._phases = {phase: _Phase() for phase in phases}
        self._before = _Phase()
        self._notice = notice

    @property
    def walks(self) -> int:
        """How many there were along the links."""
        return self._phases[WALKS].scenarios if WALKS in self._phases else 0

    @property
    def is_hindered(self) -> bool:
        """Did anything go wrong that is no fault of the server?"""
        return any(phase.problems for phase in (self._before, *self._phases.values()))

    def checks(self) -> list[Check]:
        """One for each phase that was asked for; one more if something went wrong outside of them."""
        phases = {"preparation": self._before} if self._before.problems else {}
        return [phase.check(f"{self._name}, {name}") for name, phase in (phases | self._phases).items()]

    def cannot_begin(self, problem: Exception) -> None:
        """Nothing can be asked at all."""
        for phase in self._phases.values():
            phase.problems.append(" ".join(str(problem).split()))

    def take(self, event: "events.EngineEvent") -> None:
        """Read one event. What is no news is passed over."""
        from schemathesis.engine import StopReason, events

        match event:
            case events.PhaseStarted():
                self._phase(event.phase.name).began_at = stopwatch()
            case events.PhaseFinished():
                self._finish(event)
            case events.ScenarioFinished():
                self._read_scenario(event)
            case events.SchemaAnalysisWarnings():
                self._before.problems += [warning.message for warning in event.warnings]
            case events.NonFatalError():
                said = [event.info.title, event.info.message, *event.info.extras]
                self._phase(event.phase).problems.append(f"{event.label}: {'. '.join(said)}")
            case events.FatalError():
                self._before.problems.append(f"schemathesis itself failed: {event.exception!r}")
            case events.Interrupted():
                raise KeyboardInterrupt
            case events.EngineFinished(stop_reason=reason) if reason is not StopReason.COMPLETED:
                self._before.problems.append(f"schemathesis stopped early: {reason.skip_explanation}")

    def _phase(self, name: str | None) -> "_Phase":
        return self._phases.get(str(name), self._before)

    def _finish(self, event: "events.PhaseFinished") -> None:
        from schemathesis.engine import Status
        from schemathesis.engine.run import PhaseSkipReason

        phase = self._phase(event.phase.name)
        phase.seconds += stopwatch() - phase.began_at
        reason = event.phase.skip_reason
        nothing_to_do = (PhaseSkipReason.DISABLED, PhaseSkipReason.NOT_APPLICABLE, PhaseSkipReason.NOTHING_TO_TEST)
        if event.status == Status.SKIP and reason is not None and reason not in nothing_to_do:
            phase.problems.append(f"Not done: {reason.display}")

    def _read_scenario(self, event: "events.ScenarioFinished") -> None:
        phase = self._phase(event.phase)
        phase.scenarios += bool(event.recorder.interactions)
        phase.cases += len(event.recorder.interactions)
        if event.skip_reason is not None and event.skip_reason not in NATURAL:
            phase.problems.append(f"{event.label} was left out: {event.skip_reason}")
        for case_id, nodes in event.recorder.checks.items():
            for node in nodes:
                if node.failure_info is not None:
                    phase.add(self._name, node.name, node.failure_info.failure, event.recorder, case_id)
        self._notice(str(event.phase), phase.cases)


class _Phase:
    """What is known of one phase by now."""

    def __init__(self) -> None:
        self.scenarios = 0
        """Operations that were tried, or walks."""
        self.cases = 0
        self.began_at = stopwatch()
        self.seconds = 0.0
        self.problems: list[str] = []
        self._found: dict[tuple[str, Failure], Finding] = {}
        self._times: Counter[tuple[str, Failure]] = Counter()

    def add(self, where: str, check: str, failure: "Failure", recorder: "ScenarioRecorder", case_id: str) -> None:
        """Count a failure; the first of its kind tells what was seen.

        schemathesis holds two failures for equal that have one cause in one operation.
        """
        key = (check, failure)
        if key not in self._found:
            self._found[key] = Finding(
                where=where,
                operation=failure.operation or recorder.label,
                part=PARTS.get(check, "conduct"),
                path=member_path("$", *failure.instance_path) if _is_of_schema(failure) else "",
                message=f"{_what_is_wrong(failure)} ({check})",
                example=_how_to_repeat(failure, recorder, case_id),
                kind="broken",
            )
        self._times[key] += 1

    def check(self, name: str) -> Check:
        """The phase as a check."""
        findings = tuple(found for key, found in self._found.items() for _ in range(self._times[key]))
        problem = "; ".join(dict.fromkeys(self.problems)) or None
        return Check(name, self.cases, self.seconds, findings, problem)


def _is_of_schema(failure: Any) -> "TypeGuard[JsonSchemaError]":
    from schemathesis.openapi.checks import JsonSchemaError

    return isinstance(failure, JsonSchemaError)


def _what_is_wrong(failure: "Failure") -> str:
    """What is wrong and what would be right, on one line."""
    if not _is_of_schema(failure):
        return ". ".join(line.strip() for line in (failure.title, *failure.message.splitlines()) if line.strip())
    keyword = str(failure.schema_path[-1]) if failure.schema_path else ""
    if keyword in failure.schema and keyword != "required":  # without the value that was seen
        return f"The JSON must fit the schema's `{keyword}`: {as_example(failure.schema[keyword])}"
    return failure.validation_message


def _how_to_repeat(failure: "Failure", recorder: "ScenarioRecorder", case_id: str) -> str:
    """A curl line for each request that leads to the failure, oldest first, secrets masked; before it the value."""
    sent = recorder.iter_chain_cases(case_id=failure.case_id or case_id, related_case_ids=failure.related_case_ids())
    lines = [case.as_curl_command(headers=recorder.find_request_headers(case_id=case.id)) for case in sent]
    return "\n".join([*([as_example(failure.instance)] if _is_of_schema(failure) else []), *lines])
