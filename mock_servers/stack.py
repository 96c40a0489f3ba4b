"""The one place where everything meets: `build_stack`.

Three services that know each other only over HTTP get one clock, one source of ids, one journal and one way to
call out.
"""

import ipaddress
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Self

import connector

from .clevertap import app as clevertap_app
from .clevertap import schema as clevertap_schema
from .clevertap.emulator import CleverTap
from .config import Config
from .outside import STANDS_FOR, Outside
from .pipedrive import app as pipedrive_app
from .pipedrive import storage as pipedrive_storage
from .pipedrive.accounts import Track, untracked
from .pipedrive.emulator import Pipedrive
from .rig.addresses import IN_PROCESS, Addresses
from .rig.clock import Clock
from .rig.control import Desk
from .rig.database import Database, damage_said
from .rig.dispatch import Dispatcher
from .rig.door import LazyDoor
from .rig.guard import Guard, is_loopback
from .rig.http import Server
from .rig.ids import IdSource, unguessable
from .rig.jobs import Jobs
from .rig.journal import Journal
from .rig.state_folder import Settings, StateFolder, UnreadableStateError
from .zapier import app as zapier_app
from .zapier import schema as zapier_schema
from .zapier.apps import pipedrive as pipedrive_in_zapier
from .zapier.equipment import Equipment
from .zapier.runtime import Runtime

if TYPE_CHECKING:
    import requests

    from .rig.mounting import Door


DEALS = 25
"""How many deals a new company starts with, unless somebody wishes otherwise."""

_APPS: dict[str, ModuleType] = {"zapier": zapier_app, "pipedrive": pipedrive_app, "clevertap": clevertap_app}


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
    session: "requests.Session"
    """The caller's way in: goes through the same transport as the services' own calls."""
    control_token: str | None = field(repr=False)
    _opened: ExitStack = field(repr=False)

    def settle(self) -> int:
        """Work until nothing is due now and nothing is in hand; returns the jobs worked."""
        return self.dispatcher.settle()

    def advance(self, **by: float) -> int:
        """Move the clock forward, e.g. `advance(minutes=15)`, working everything that becomes due on the way."""
        return self.dispatcher.advance(timedelta(**by))

    def app(self, name: str) -> "Door":
        """The Flask app of one server: `zapier`, `pipedrive` or `clevertap`."""
        door: Door = _APPS[name].build_app(self.servers[name])
        return door

    def lazy_app(self, name: str) -> LazyDoor:
        """The same as a WSGI app that makes the Flask app when the first page is asked for."""
        return LazyDoor(self.servers[name], _APPS[name].build_app)

    def close(self) -> None:
        """Stop the workers and let go of the state. Not to be used afterwards."""
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def build_stack(
    config: Config | None = None,
    *,
    clock: Clock | None = None,
    session: "requests.Session | None" = None,
    addresses: Addresses = IN_PROCESS,
    track: Track = untracked,
) -> Stack:
    """Assemble a rig. In process (the default addresses) it opens no socket and its jobs wait for `settle`.

    `session` replaces every service's way to call out. `track` is told of the deals of a new company as they are
    made. Raises what `rig.state_folder` and `rig.database` raise about a state folder that cannot be used.
    """
    config = config or Config()
    with ExitStack() as opened, damage_said(config.state):
        folder = StateFolder(config.state) if config.state else None
        path = opened.enter_context(closing(folder)).path if folder else _throwaway(opened)
        settings = _settings(config, folder)
        clock = clock or Clock(settings.clock, folder.remember_clock if folder else None)
        ids, journal, dispatcher = IdSource(settings.random_seed), Journal(), Dispatcher(clock)
        control_token = None if is_loopback(config.host) else unguessable()
        outside = Outside(config, addresses, clock, journal, session)

        def database_of(name: str, migrations: Sequence[str]) -> Database:
            file = path / f"{name}.sqlite"
            database = Database(file, migrations, is_throwaway=folder is None, must_exist=settings.is_whole)
            return opened.enter_context(closing(database))

        def jobs_of(name: str, database: Database) -> Jobs:
            return dispatcher.add(Jobs(name, database, dispatcher.wake))

        database = database_of("pipedrive", pipedrive_storage.MIGRATIONS)
        pipedrive = Pipedrive(
            database,
            clock,
            ids,
            jobs_of("pipedrive", database),
            outside.session_of("pipedrive"),
            addresses,
            deals=settings.deals,
            find_address_problem=outside.find_problem,
            track=track,
        )
        database = database_of("clevertap", clevertap_schema.MIGRATIONS)
        clevertap = CleverTap(
            database,
            clock,
            ids,
            jobs_of("clevertap", database),
            outside.session_of("clevertap"),
            addresses,
            find_address_problem=outside.find_problem,
        )
        database = database_of("zapier", zapier_schema.MIGRATIONS)
        zapier = Runtime(
            Equipment(
                database,
                clock,
                ids,
                jobs_of("zapier", database),
                outside.session_of("zapier"),
                addresses,
                _apps(pipedrive, addresses),
            ),
            control_token=control_token,
        )

        def server_of(name: str, service: Any) -> Server:
            guard = Guard(STANDS_FOR[name], (*config.allowed_hosts, *_own_names(config.host)), control_token)
            desk = Desk(name, service, clock, dispatcher, journal)
            server: Server = _APPS[name].build_server(service, clock=clock, guard=guard, journal=journal, desk=desk)
            return server

        servers = {
            "zapier": server_of("zapier", zapier),
            "pipedrive": server_of("pipedrive", pipedrive),
            "clevertap": server_of("clevertap", clevertap),
        }
        outside.open_to(servers)
        if folder is not None:
            folder.is_whole_now()
        opened.callback(dispatcher.stop)
        return Stack(
            config, settings.random_seed, clock, journal, dispatcher, pipedrive, clevertap, zapier, servers,
            outside.session_of("outside"), control_token, opened.pop_all(),
        )  # fmt: skip


def _own_names(host: str) -> tuple[str, ...]:
    """The address that is listened on is a name of ours, unless it stands for every address of the machine."""
    return () if ipaddress.ip_address(_numeric(host)).is_unspecified else (host,)


def _numeric(host: str) -> str:
    return "127.0.0.1" if host == "localhost" else host


def _throwaway(opened: ExitStack) -> Path:
    path = Path(tempfile.mkdtemp(prefix="zaprig-"))
    opened.callback(shutil.rmtree, path)
    return path


def _settings(config: Config, folder: StateFolder | None) -> Settings:
    """What the state folder holds, else what the configuration wishes; a wish that contradicts it is an error."""
    if folder is None or folder.settings is None:
        settings = Settings(
            1 if config.random_seed is None else config.random_seed, DEALS if config.deals is None else config.deals
        )
        if folder is not None:
            folder.write(settings)
        return settings
    kept = folder.settings
    for option, wish, there in (("seed", config.random_seed, kept.random_seed), ("deals", config.deals, kept.deals)):
        if wish not in (None, there):
            message = (
                f"The state folder {folder.path} was made with --{option} {there}, not {wish}."
                f" Leave --{option} away, or choose another folder with --state."
            )
            raise UnreadableStateError(message)
    return kept


def _apps(pipedrive: Pipedrive, addresses: Addresses) -> dict[str, connector.App]:
    oauth = pipedrive.default_credentials()
    client = {"client_id": oauth["client_id"], "client_secret": oauth["client_secret"]}
    if addresses is IN_PROCESS:
        pipedrive_app_, clevertap_app_ = pipedrive_in_zapier.make_app(**client), connector.make_app()
    else:
        base = addresses["pipedrive"]
        pipedrive_app_ = pipedrive_in_zapier.make_app(**client, api_base=base, oauth_base=base)
        clevertap_app_ = connector.make_app(base_url=addresses["clevertap"] + "/{region}")
    return {app.key: app for app in (pipedrive_app_, clevertap_app_)}
