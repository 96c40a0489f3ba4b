"""What a Zap is, and what is wrong with one.

Two questions: can this document be read as a Zap at all (`read_zap`), and may this Zap be published
(`problems_before_publish`)? Each answers with every fault and its path.
"""

import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from connector.definition import Action, App, InputField, Trigger

from . import mapping
from .problems import Problem

LONGEST_TITLE = 250
"""Characters; ours, so that a page stays a page."""

TriggerBy = Literal["hook", "polling"]


@dataclass(frozen=True, slots=True)
class Step:
    """A trigger or an action: which app, what it does, with which connection, and how its form is filled."""

    app: str
    event: str
    connection: str | int | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)

    def view(self) -> dict[str, Any]:
        """The step as it stands in a Zap file."""
        return {"app": self.app, "event": self.event, "connection": self.connection, "fields": dict(self.fields)}


@dataclass(frozen=True, slots=True)
class Zap:
    """A trigger and its actions. Steps are numbered from 1, the trigger."""

    title: str
    trigger: Step
    steps: Sequence[Step]
    by: TriggerBy = "hook"
    timezone: str = "UTC"

    def view(self) -> dict[str, Any]:
        """The Zap as it stands in a Zap file."""
        return {
            "title": self.title,
            "timezone": self.timezone,
            "trigger": {**self.trigger.view(), "by": self.by},
            "steps": [step.view() for step in self.steps],
        }

    @classmethod
    def stored(cls, document: Mapping[str, Any]) -> "Zap":
        """The Zap whose `view` was stored."""
        trigger = dict(document["trigger"])
        by = trigger.pop("by")
        steps = [Step(**step) for step in document["steps"]]
        return cls(document["title"], Step(**trigger), steps, by, document["timezone"])

    def has_same_trigger(self, other: "Zap") -> bool:
        """Would both be told of the same news in the same way?"""
        return (self.trigger, self.by) == (other.trigger, other.by)


class UnreadableZapError(Exception):
    """The document is no Zap; `problems` names every fault."""

    def __init__(self, problems: Sequence[Problem]):
        super().__init__("; ".join(f"{problem.path}: {problem.message}" for problem in problems))
        self.problems = problems


def read_zap(document: Any, apps: Mapping[str, App]) -> Zap:
    """A Zap file's or the API's document as a Zap. Raises `UnreadableZapError` with every mistake in it.

    A Zap may still be incomplete (no connection chosen, a required field blank): that greys out *Publish* only.
    """
    known = ("title", "timezone", "trigger", "steps")
    if not isinstance(document, dict):
        raise UnreadableZapError([Problem("", f"A Zap is an object with the keys {', '.join(known)}.")])
    reader = _Reader()
    reader.find_unknown(document, "", known)
    zap = Zap(
        title=reader.text(document, "title", "", longest=LONGEST_TITLE),
        timezone=reader.timezone(document),
        trigger=reader.step(document.get("trigger"), "trigger", ("app", "event", "connection", "by", "fields")),
        by=reader.by(document.get("trigger")),
        steps=reader.steps(document),
    )
    if mistakes := reader.problems + find_mistakes(zap, apps):
        raise UnreadableZapError(mistakes)
    return zap


class _Reader:
    """Reads members and notes every fault instead of stopping at the first."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def note(self, path: str, message: str) -> None:
        self.problems.append(Problem(path, message))

    def find_unknown(self, document: Mapping[str, Any], prefix: str, known: Sequence[str]) -> None:
        for key in document:
            if key not in known:
                self.note(f"{prefix}{key}", f"This key is not known here; known are {', '.join(known)}.")

    def text(self, document: Mapping[str, Any], key: str, prefix: str, longest: int = 1000) -> str:
        value = document.get(key)
        if isinstance(value, str) and value.strip() and len(value) <= longest:
            return value
        if key not in document:
            self.note(f"{prefix}{key}", "This key is missing.")
        elif isinstance(value, str) and value.strip():
            self.note(f"{prefix}{key}", f"At most {longest} characters.")
        else:
            self.note(f"{prefix}{key}", f"This must be a text that is not blank, not {_kind(value)}.")
        return ""

    def timezone(self, document: Mapping[str, Any]) -> str:
        value = document.get("timezone", "UTC")
        try:
            zoneinfo.ZoneInfo(value)
        except (ValueError, TypeError, AttributeError, OSError, zoneinfo.ZoneInfoNotFoundError):
            self.note("timezone", "This must be the name of a time zone, such as Europe/Paris or UTC.")
        return str(value)

    def by(self, trigger: Any) -> TriggerBy:
        value = trigger.get("by", "hook") if isinstance(trigger, dict) else "hook"
        if value == "hook":
            return "hook"
        if value == "polling":
            return "polling"
        self.note("trigger.by", "This must be hook or polling.")
        return "hook"

    def steps(self, document: Mapping[str, Any]) -> list[Step]:
        value = document.get("steps")
        if not isinstance(value, list) or not value:
            missing = "steps" not in document
            self.note("steps", "This key is missing." if missing else "This must be a list of at least one action.")
            return []
        known = ("app", "event", "connection", "fields")
        return [self.step(each, f"steps[{index}]", known) for index, each in enumerate(value)]

    def step(self, value: Any, path: str, known: Sequence[str]) -> Step:
        if not isinstance(value, dict):
            self.note(path, "This key is missing." if value is None else f"This must be an object, not {_kind(value)}.")
            return Step("", "")
        self.find_unknown(value, f"{path}.", known)
        app, event = self.text(value, "app", f"{path}."), self.text(value, "event", f"{path}.")
        connection = value.get("connection")
        if connection is not None and not _is_reference(connection):
            self.note(f"{path}.connection", "This must be a connection's id, its title, or @app.")
        fields = value.get("fields", {})
        if not isinstance(fields, dict):
            self.note(f"{path}.fields", f"This must be an object of field keys and values, not {_kind(fields)}.")
            fields = {}
        return Step(app, event, connection, fields)


def _is_reference(value: Any) -> bool:
    if isinstance(value, str):
        return bool(value.strip())
    return isinstance(value, int) and not isinstance(value, bool)


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a blank text", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")


FindConnection = Callable[[str, str | int], str | None]
"""`(app key, reference) -> why there is no such connection, or None`."""


def problems_before_publish(zap: Zap, apps: Mapping[str, App], find_connection: FindConnection) -> list[Problem]:
    """Everything that greys out *Publish*. (Guide, step 6; documented for the button, assumed for the list)"""
    return find_mistakes(zap, apps) + find_gaps(zap, apps, find_connection)


def find_mistakes(zap: Zap, apps: Mapping[str, App]) -> list[Problem]:
    """What no later step can mend: apps, events and fields that do not exist, tokens that lead nowhere."""
    problems = []
    for path, number, step in _numbered(zap):
        event = _find_event(step, number, apps)
        if event is None:
            problems += _unknown_event(step, number, path, apps)
            continue
        if number == 1 and zap.by == "hook" and isinstance(event, Trigger) and event.hook is None:
            problems.append(Problem("trigger.by", f"{event.label} has no hook; use polling."))
        problems += _unknown_fields(step, path, event.input_fields)
        problems += [
            Problem(f"{path}.fields.{key}", message)
            for key, template in step.fields.items()
            for message in mapping.find_problems(template, range(1, number))
        ]
    return problems


def find_gaps(zap: Zap, apps: Mapping[str, App], find_connection: FindConnection) -> list[Problem]:
    """What is still to be chosen or mapped: connections, required fields, one field of each either-or group."""
    problems = []
    for path, number, step in _numbered(zap):
        event = _find_event(step, number, apps)
        if event is None:
            continue
        problems += _connection_gaps(step, path, apps[step.app], find_connection)
        problems += _required_gaps(step, path, event.input_fields)
        if isinstance(event, Action):
            problems += _either_gaps(step, path, event)
    return problems


def _numbered(zap: Zap) -> list[tuple[str, int, Step]]:
    actions = [(f"steps[{index}]", index + 2, step) for index, step in enumerate(zap.steps)]
    return [("trigger", 1, zap.trigger), *actions]


def _find_event(step: Step, number: int, apps: Mapping[str, App]) -> Trigger | Action | None:
    app = apps.get(step.app)
    if app is None:
        return None
    return app.find_trigger(step.event) if number == 1 else app.find_action(step.event)


def _unknown_event(step: Step, number: int, path: str, apps: Mapping[str, App]) -> list[Problem]:
    if not step.app:
        return []  # said already: the key is missing
    if step.app not in apps:
        return [Problem(f"{path}.app", f"There is no app {step.app!r}; there are {', '.join(sorted(apps))}.")]
    if not step.event:
        return []
    app = apps[step.app]
    kind, events = ("trigger", app.triggers) if number == 1 else ("action", app.actions)
    there = ", ".join(event.key for event in events) or "none"
    return [Problem(f"{path}.event", f"{app.title} has no {kind} {step.event!r}; it has {there}.")]


def _unknown_fields(step: Step, path: str, fields: Sequence[InputField]) -> list[Problem]:
    known = {field.key for field in fields}
    there = f"there are {', '.join(field.key for field in fields)}" if fields else "this step has none"
    return [
        Problem(f"{path}.fields.{key}", f"There is no such field; {there}.") for key in step.fields if key not in known
    ]


def _connection_gaps(step: Step, path: str, app: App, find_connection: FindConnection) -> list[Problem]:
    if not app.authentications:
        return []
    if step.connection is None:
        return [Problem(f"{path}.connection", f"Choose a {app.title} connection: an id, a title, or @{app.key}.")]
    message = find_connection(app.key, step.connection)
    return [Problem(f"{path}.connection", message)] if message else []


def _required_gaps(step: Step, path: str, fields: Sequence[InputField]) -> list[Problem]:
    return [
        Problem(f"{path}.fields.{field.key}", f"{field.label} is required.")
        for field in fields
        if field.required and field.default is None and is_blank(step.fields.get(field.key))
    ]


def _either_gaps(step: Step, path: str, action: Action) -> list[Problem]:
    labels = {field.key: field.label for field in action.input_fields}
    return [
        Problem(f"{path}.fields.{group[0]}", f"Map {' or '.join(labels[key] for key in group)}; all of them are blank.")
        for group in action.either_of
        if all(is_blank(step.fields.get(key)) for key in group)
    ]


def is_blank(value: Any) -> bool:
    """Is there nothing in this form value?"""
    return value is None or value in ({}, []) or (isinstance(value, str) and not value.strip())


def find_step(zap: Zap, number: int) -> Step | None:
    """The step with this number (1 is the trigger), or None."""
    if number == 1:
        return zap.trigger
    return zap.steps[number - 2] if 2 <= number <= len(zap.steps) + 1 else None
