"""How the services call out, and whom they may call: each other without sockets, or guarded addresses."""

from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

import requests

from .config import Config
from .rig.addresses import IN_PROCESS, Addresses
from .rig.clock import Clock
from .rig.guard import Guard, RefusedAddressError
from .rig.http import Server
from .rig.journal import Journal
from .rig.transport import DirectAdapter, GuardedAdapter, RecordingAdapter, UnknownHostError, make_session

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
        session: requests.Session | None,
    ):
        self._hosts: dict[str, Server] = {}
        self._direct = DirectAdapter(self._hosts) if addresses is IN_PROCESS else None
        self._guard = Guard(allowed_hosts=config.allowed_hosts)
        self._clock = clock
        self._journal = journal
        self._session = session

    def session_of(self, name: str) -> requests.Session:
        """The session of one caller; its calls are written into the journal under this name."""
        if self._session is not None:
            return self._session
        adapter = self._direct or GuardedAdapter(self._guard)
        return make_session(RecordingAdapter(adapter, name, self._journal, self._clock))

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
            port = parts.port or (443 if parts.scheme == "https" else 80)
            if self._direct is not None:
                self._direct.find_server(parts.hostname)
            else:
                self._guard.permitted_address(parts.hostname, port, unquote(parts.path))
        except (RefusedAddressError, UnknownHostError, ValueError) as problem:
            return str(problem)
        return None
