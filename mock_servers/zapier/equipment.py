"""What every part of the runtime works with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.definition import App

from ..rig.addresses import Addresses
from ..rig.clock import Clock
from ..rig.database import Database
from ..rig.ids import IdSource
from ..rig.jobs import Jobs

if TYPE_CHECKING:
    import requests


@dataclass(frozen=True, slots=True)
class Equipment:
    """One database, one clock, one source of ids, one session; the apps by their key."""

    database: Database
    clock: Clock
    ids: IdSource
    jobs: Jobs
    session: "requests.Session"
    addresses: Addresses
    apps: Mapping[str, App]
