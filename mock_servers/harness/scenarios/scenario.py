"""One scenario, the place where it is played, and the cassette that is taken of it.

The same scenario is played on a rig and on the real service: it makes the test records it needs, asks what the
connector asks, and removes what it made. Only what the connector asks is in the cassette.
"""

from collections.abc import Callable, Mapping, Sequence, Sized
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import requests

from connector import ConnectorError

from ..cassettes import cassette

Vendor = Literal["clevertap", "pipedrive"]
AuthData = Mapping[str, str]
Made = Mapping[str, Any]
"""The test records that were made for a scenario, by names of its own."""


class RefusedError(Exception):
    """The scenario must not be played on this account; the message says why, and what would be right."""


def _nothing(session: requests.Session, auth_data: AuthData) -> Made:
    """No test record is needed."""
    return {}


def _nothing_left(session: requests.Session, auth_data: AuthData, made: Made) -> None:
    """There is nothing to remove."""


def _anything(result: Any, made: Made) -> None:
    """Whatever the result holds may be kept."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is asked, and what becomes of it."""

    key: str
    vendor: Vendor
    shows: str
    """A sentence for the list."""
    ask: Callable[[requests.Session, AuthData, Made], Any]
    """What the connector does. Raises `ConnectorError`."""
    raises: type[ConnectorError] | None = None
    says: str = ""
    """Part of the error's message."""
    prepare: Callable[[requests.Session, AuthData], Made] = _nothing
    """Makes the test records. Raises `RefusedError` for an account where that would touch what is no test."""
    clean_up: Callable[[requests.Session, AuthData, Made], None] = _nothing_left
    check: Callable[[Any, Made], None] = _anything
    """Raises `RefusedError` if the result holds anything but test records: it must not be kept then."""
    needs_busy: bool = False
    """The account may make no more calls while it is played, which only a rig can be told."""
    other_secrets: Sequence[str] = ()
    """Wrong credentials that are sent on purpose."""

    def find_problem(self, outcome: object) -> str | None:
        """In what the outcome is another than expected, or None."""
        if self.raises is None:
            return f"it failed: {outcome}" if isinstance(outcome, Exception) else None
        if not isinstance(outcome, Exception):
            return f"it went well, where {self.raises.__name__} was expected"
        if type(outcome) is not self.raises:
            return f"{type(outcome).__name__} ({outcome}), where {self.raises.__name__} was expected"
        return None if self.says in str(outcome) else f"{outcome}, where {self.says!r} was expected in it"


@dataclass(frozen=True, slots=True)
class Place:
    """One account of a vendor, and the way to it."""

    session: requests.Session
    auth_data: AuthData = field(repr=False)
    now: Callable[[], datetime]
    busy: Callable[[], AbstractContextManager[None]] = nullcontext
    """While it is held, the account may make no more calls."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not stand in a cassette."""
        return tuple(self.auth_data[name] for name in ("passcode", "account_id", "api_token") if name in self.auth_data)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one scenario."""

    outcome: object
    """The action's result, or its error."""
    problem: str | None
    """In what it is another than expected."""
    interactions: int
    """How many were recorded."""


def play(scenario: Scenario, place: Place, path: Path | None = None) -> Taken:
    """Play the scenario, and record in a new file what the connector asks. What was made for it is removed again.

    Raises `RefusedError` and `CassetteError`; then there is no file.
    """
    made = scenario.prepare(place.session, place.auth_data)
    try:
        with _recorded(scenario, place, path) as interactions:
            outcome = _ask(scenario, place, made)
            if not isinstance(outcome, Exception):
                scenario.check(outcome, made)
        return Taken(outcome, scenario.find_problem(outcome), len(interactions))
    finally:
        scenario.clean_up(place.session, place.auth_data, made)


def _recorded(scenario: Scenario, place: Place, path: Path | None) -> AbstractContextManager[Sized]:
    if path is None:
        return nullcontext(())
    secrets = (*place.secrets, *scenario.other_secrets)
    return cassette(path, place.session, record_mode="once", secrets=secrets, now=place.now)


def _ask(scenario: Scenario, place: Place, made: Made) -> object:
    with place.busy() if scenario.needs_busy else nullcontext():
        try:
            return scenario.ask(place.session, place.auth_data, made)
        except ConnectorError as error:
            return error
