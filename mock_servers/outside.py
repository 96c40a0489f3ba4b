"""How the services call out, and whom they may call: each other without sockets, or guarded addresses.

`requests` is imported when the first call is made: it would be a third of what starting a rig takes.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote, urlsplit

from .config import Config
from .rig.addresses import IN_PROCESS, Addresses
from .rig.clock import Clock
from .rig.guard import Guard, RefusedAddressError
from .rig.hosts import UnknownHostError, find_server
from .rig.http import Server
from .rig.journal import Journal

if TYPE_CHECKING:
    import requests
    from requests.adapters import BaseAdapter

STANDS_FOR = {
    "zapier": ("hooks.zapier.com",),
    "pipedrive": ("*.pipedrive.com",),
    "clevertap": ("api.clevertap.com", "*.api.clevertap.com"),
}
"""The vendor names that each server answers to."""


class Outside:
    """How the services call out: without sockets to each other, or over guarded sockets."""

    def __init__(
        self,
        config: Config,
        addresses: Addresses,
        clock: Clock,
        journal: Journal,
        session: "requests.Session | None",
    ):
        self._hosts: dict[str, Server] = {}
        self._is_in_process = addresses is IN_PROCESS
        self._guard = Guard(allowed_hosts=config.allowed_hosts)
        self._clock = clock
        self._journal = journal
        self._session = session

    def session_of(self, name: str) -> "requests.Session":
        """The session of one caller; its calls are written into the journal under this name."""
        return self._session or cast("requests.Session", _OnFirstUse(lambda: self._make_session(name)))

    def _make_session(self, name: str) -> "requests.Session":
        from .rig.transport import RecordingAdapter, make_session

        return make_session(RecordingAdapter(self._make_adapter(), name, self._journal, self._clock))

    def _make_adapter(self) -> "BaseAdapter":
        from .rig.transport import DirectAdapter, GuardedAdapter

        return DirectAdapter(self._hosts) if self._is_in_process else GuardedAdapter(self._guard)

    def open_to(self, servers: Mapping[str, Server]) -> None:
        """Now the servers are there, let calls in process reach them."""
        for name, server in servers.items():
            self._hosts.update({host.removeprefix("*"): server for host in STANDS_FOR[name]})

    def find_problem(self, url: str) -> str | None:
        """Why an address that somebody wants to be called at may not be, or None."""
        parts = urlsplit(url)
        try:
            if parts.scheme not in ("http", "https") or not parts.hostname:
                return "This is no http or https address."
            if self._is_in_process:
                find_server(self._hosts, parts.hostname)
            else:
                port = parts.port or (443 if parts.scheme == "https" else 80)
                self._guard.permitted_address(parts.hostname, port, unquote(parts.path))
        except (RefusedAddressError, UnknownHostError, ValueError) as problem:
            return str(problem)
        return None


class _OnFirstUse:
    """Stands for a session, which is made when something of it is used."""

    def __init__(self, make: "Callable[[], requests.Session]"):
        self._make = make

    @cached_property
    def _made(self) -> "requests.Session":
        return self._make()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._made, name)
