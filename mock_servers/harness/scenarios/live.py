"""Playing a scenario on the real service: what will be sent, said beforehand, and a session that goes nowhere else."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import BaseAdapter

from connector import ConnectorError

from ...rig.clock import utc_now
from ...rig.guard import Guard
from ...rig.transport import GuardedAdapter, make_session
from ..cassettes.scrubbing import Scrubber
from .scenario import AuthData, Place, RefusedError, Scenario, Vendor

HOSTS: Mapping[Vendor, tuple[str, ...]] = {
    "clevertap": ("*.api.clevertap.com",),
    "pipedrive": ("api.pipedrive.com",),
}
"""Where the session of a live scenario may call; anything else is refused before it is sent."""

FIELDS: Mapping[Vendor, tuple[str, ...]] = {
    "clevertap": ("account_id", "passcode", "region"),
    "pipedrive": ("api_token",),
}
"""The credentials that a live scenario needs."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One request that a live scenario will send. `part` is `prepare`, `recorded` or `clean up`."""

    part: str
    method: str
    url: str
    body: str


def live_place(vendor: Vendor, auth_data: AuthData) -> Place:
    """The real service. Raises `RefusedError` for credentials that are not whole."""
    missing = [name for name in FIELDS[vendor] if not auth_data.get(name)]
    if missing:
        message = f"The credentials for {vendor} lack {', '.join(missing)}."
        raise RefusedError(message)
    session = make_session(GuardedAdapter(Guard(allowed_hosts=HOSTS[vendor])))
    return Place(session, {name: auth_data[name] for name in FIELDS[vendor]}, utc_now)


def rehearse(scenario: Scenario, place: Place) -> list[Planned]:
    """What the scenario sends, found by playing it on a rig. Raises `RefusedError` if it cannot be played live."""
    if scenario.needs_busy:
        message = f"{scenario.key} needs an account that is busy, which only a rig can be told. Leave --live away."
        raise RefusedError(message)
    scrubber = Scrubber((*place.secrets, *scenario.other_secrets))
    noted: list[tuple[str, requests.PreparedRequest]] = []
    with _noting(place.session) as sent:
        made = scenario.prepare(place.session, place.auth_data)
        noted += [("prepare", request) for request in _taken(sent)]
        try:
            scenario.ask(place.session, place.auth_data, made)
        except ConnectorError as error:
            if scenario.raises is None:
                raise RefusedError(f"{scenario.key} fails on a rig already: {error}") from error
        noted += [("recorded", request) for request in _taken(sent)]
        scenario.clean_up(place.session, place.auth_data, made)
        noted += [("clean up", request) for request in _taken(sent)]
    return [
        Planned(
            part,
            str(request.method),
            scrubber.scrub_url(str(request.url)),
            scrubber.scrub_body(_as_bytes(request.body)).decode("utf-8", "replace"),
        )
        for part, request in noted
    ]


class _NotingAdapter(BaseAdapter):
    def __init__(self, inner: BaseAdapter, sent: list[requests.PreparedRequest]):
        super().__init__()
        self._inner = inner
        self._sent = sent

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self._sent.append(request)
        return self._inner.send(request, *args, **kwargs)

    def close(self) -> None:
        self._inner.close()


@contextmanager
def _noting(session: requests.Session) -> Iterator[list[requests.PreparedRequest]]:
    sent: list[requests.PreparedRequest] = []
    before = dict(session.adapters)
    for prefix, adapter in before.items():
        session.mount(prefix, _NotingAdapter(adapter, sent))
    try:
        yield sent
    finally:
        for prefix, adapter in before.items():
            session.mount(prefix, adapter)


def _taken(sent: list[requests.PreparedRequest]) -> Sequence[requests.PreparedRequest]:
    taken = list(sent)
    sent.clear()
    return taken


def _as_bytes(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else body or b""
