"""The one place where everything meets: `build_stack` in process, `serve` on sockets.

Three services that know each other only over HTTP get one clock, one source of ids, one journal and one way to
call out.
"""

import functools
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import unquote, urlsplit

import requests

import connector

from .clevertap import app as clevertap_app
from .clevertap import storage as clevertap_storage
from .clevertap.emulator import CleverTap
from .config import Config
from .pipedrive import app as pipedrive_app
from .pipedrive import storage as pipedrive_storage
from .pipedrive.emulator import Pipedrive
from .rig.addresses import IN_PROCESS, NAMES, Addresses, served
from .rig.clock import Clock
from .rig.control import Desk
from .rig.database import Database
from .rig.dispatch import Dispatcher
from .rig.guard import Guard, RefusedAddressError, is_loopback
from .rig.http import Server
from .rig.ids import IdSource, unguessable
from .rig.jobs import Jobs
from .rig.journal import Journal
from .rig.serving import HttpServer, TakenPortError, listen
from .rig.state_folder import Settings, StateFolder, UnreadableStateError
from .rig.transport import DirectAdapter, GuardedAdapter, RecordingAdapter, UnknownHostError, make_session
from .zapier import app as zapier_app
from .zapier import storage as zapier_storage
from .zapier.apps import pipedrive as pipedrive_in_zapier
from .zapier.equipment import Equipment
from .zapier.runtime import Runtime

if TYPE_CHECKING:
    from .rig.mounting import Door

STANDS_FOR = {
    "zapier": ("hooks.zapier.com",),
    "pipedrive": ("*.pipedrive.com",),
    "clevertap": ("api.clevertap.com", "*.api.clevertap.com"),
}
"""The vendor names that each server answers to."""

WORKERS = 4


@dataclass(slots=True)
class Stack:
    """A whole rig in this process."""

    config: Config
    random_seed: int
    clock: Clock
    journal: Journal
    dispatcher: Dispatcher
    pipedrive: Pipedrive
    clevertap: CleverTap
    zapier: Runtime
    servers: Mapping[str, Server]
    session: requests.Session
    """The caller's way in: goes through the same transport as the services' own calls."""
    control_token: str | None
    _close: Callable[[], None]

    def settle(self) -> int:
        """Work until nothing is due now and nothing is in hand; returns the jobs worked."""
        return self.dispatcher.settle()

    def advance(self, **by: float) -> int:
        """Move the clock forward, e.g. `advance(minutes=15)`, working everything that becomes due on the way."""
        return self.dispatcher.advance(timedelta(**by))

    def app(self, name: str) -> "Door":
        """The Flask app of one server: `zapier`, `pipedrive` or `clevertap`."""
        builders: dict[str, ModuleType] = {
            "zapier": zapier_app,
            "pipedrive": pipedrive_app,
            "clevertap": clevertap_app,
        }
        door: Door = builders[name].build_app(self.servers[name])
        return door

    def close(self) -> None:
        """Stop the workers and let go of the state. Not to be used afterwards."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def build_stack(
    config: Config | None = None,
    *,
    clock: Clock | None = None,
    session: requests.Session | None = None,
    addresses: Addresses = IN_PROCESS,
) -> Stack:
    """Assemble a rig. In process (the default addresses) it opens no socket and its jobs wait for `settle`.

    `session` replaces every service's way to call out. Raises what `rig.state_folder` and `rig.database` raise
    about a state folder that cannot be used.
    """
    config = config or Config()
    folder = StateFolder(config.state) if config.state else None
    path = Path(tempfile.mkdtemp(prefix="zaprig-")) if folder is None else folder.path
    settings = _settings(config, folder)
    clock = clock or Clock(settings.clock, folder.remember_clock if folder else None)
    ids, journal, dispatcher = IdSource(settings.random_seed), Journal(), Dispatcher(clock)
    control_token = None if is_loopback(config.host) else unguessable()
    outside = _Outside(config, addresses, clock, journal, session)

    databases = {
        name: Database(path / f"{name}.sqlite", storage.MIGRATIONS, is_throwaway=folder is None)
        for name, storage in (
            ("pipedrive", pipedrive_storage),
            ("clevertap", clevertap_storage),
            ("zapier", zapier_storage),
        )
    }

    def jobs_of(name: str) -> Jobs:
        jobs = Jobs(name, databases[name], dispatcher.wake)
        dispatcher.add(jobs)
        return jobs

    pipedrive_ = Pipedrive(
        databases["pipedrive"],
        clock,
        ids,
        jobs_of("pipedrive"),
        outside.session_of("pipedrive"),
        addresses,
        deals=settings.deals,
        find_address_problem=outside.find_problem,
    )
    clevertap_ = CleverTap(databases["clevertap"], clock, ids)
    apps = _apps(pipedrive_, addresses)
    equipment = Equipment(
        databases["zapier"], clock, ids, jobs_of("zapier"), outside.session_of("zapier"), addresses, apps
    )
    runtime = Runtime(equipment, control_token=control_token)

    def build(name: str, builder: ModuleType, service: Any) -> Server:
        guard = Guard(STANDS_FOR[name], config.allowed_hosts, control_token)
        desk = Desk(name, service, clock, dispatcher, journal)
        server: Server = builder.build_server(service, clock=clock, guard=guard, journal=journal, desk=desk)
        return server

    servers = {
        "zapier": build("zapier", zapier_app, runtime),
        "pipedrive": build("pipedrive", pipedrive_app, pipedrive_),
        "clevertap": build("clevertap", clevertap_app, clevertap_),
    }
    outside.open_to(servers)

    def close() -> None:
        dispatcher.stop()
        for database in databases.values():
            database.close()
        if folder is None:
            shutil.rmtree(path)
        else:
            folder.close()

    return Stack(
        config, settings.random_seed, clock, journal, dispatcher, pipedrive_, clevertap_, runtime, servers,
        outside.session_of("outside"), control_token, close,
    )  # fmt: skip


def _settings(config: Config, folder: StateFolder | None) -> Settings:
    """What the state folder holds, else what the configuration wishes; a wish that contradicts it is an error."""
    if folder is None or folder.settings is None:
        settings = Settings(config.random_seed if config.random_seed is not None else 1, config.deals)
        if folder is not None:
            folder.write(settings)
        return settings
    kept = folder.settings
    if config.random_seed not in (None, kept.random_seed):
        folder.close()
        message = (
            f"The state folder {folder.path} was made with seed {kept.random_seed}, not {config.random_seed}."
            " Leave --seed away, or choose another folder with --state."
        )
        raise UnreadableStateError(message)
    return kept


def _apps(pipedrive_: Pipedrive, addresses: Addresses) -> dict[str, connector.App]:
    oauth = pipedrive_.default_credentials()
    client = {"client_id": oauth["client_id"], "client_secret": oauth["client_secret"]}
    if addresses is IN_PROCESS:
        pipedrive_app_, clevertap_app_ = pipedrive_in_zapier.make_app(**client), connector.make_app()
    else:
        base = addresses["pipedrive"]
        pipedrive_app_ = pipedrive_in_zapier.make_app(**client, api_base=base, oauth_base=base)
        clevertap_app_ = connector.make_app(base_url=addresses["clevertap"] + "/{region}")
    return {app.key: app for app in (pipedrive_app_, clevertap_app_)}


class _Outside:
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


@dataclass(frozen=True, slots=True)
class ServedStack:
    """A rig on sockets, with its workers at work."""

    stack: Stack
    addresses: Addresses

    def describe(self) -> dict[str, Any]:
        """Addresses and credentials: what `zaprig up --json` prints."""
        config = self.stack.config
        return {
            "zapier": {"url": self.addresses["zapier"]},
            "pipedrive": {"url": self.addresses["pipedrive"], **self.stack.pipedrive.default_credentials()},
            "clevertap": {"url": self.addresses["clevertap"], **self.stack.clevertap.default_credentials()},
            "seed": self.stack.random_seed,
            "state": str(config.state) if config.state else None,
        }


@contextmanager
def serve(config: Config) -> Iterator[ServedStack]:
    """Serve a rig until the block ends; then finish the requests and jobs in hand.

    Raises `TakenPortError`, and what `build_stack` raises, before anything is served.
    """
    listeners = _listen(config)
    try:
        ports = {name: listener.getsockname()[1] for name, listener in listeners.items()}
        addresses = served(_reachable(config.host), ports)
        stack = build_stack(config, addresses=addresses)
    except BaseException:
        for listener in listeners.values():
            listener.close()
        raise
    http_servers = [HttpServer(stack.app(name), listener) for name, listener in listeners.items()]
    for http_server in http_servers:
        http_server.start()
    stack.dispatcher.start(WORKERS)
    try:
        yield ServedStack(stack, addresses)
    finally:
        stack.dispatcher.stop()
        for http_server in http_servers:
            http_server.drain()
        stack.close()


def _listen(config: Config) -> dict[str, Any]:
    listeners: dict[str, Any] = {}
    try:
        for offset, name in enumerate(NAMES):
            listeners[name] = listen(config.host, config.port + offset if config.port else 0)
    except TakenPortError:
        for listener in listeners.values():
            listener.close()
        raise
    return listeners


def _reachable(host: str) -> str:
    """Where the three reach each other when they listen on every address of the machine."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - the other way round


@functools.cache
def fixtures() -> Path:
    """The folder with the ready Zaps: in the wheel `mock_servers/_fixtures`, in a checkout `fixtures/`."""
    packaged = Path(__file__).parent / "_fixtures"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / "fixtures"
