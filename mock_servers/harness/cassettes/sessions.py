"""`with cassette("new_profile"): ...` — record or replay what goes through one session, or through all of them.

    with cassette("new_profile", session, record_mode="once", secrets=[passcode]):
        action.perform(session, bundle)

The files are vcrpy's: `vcr.use_cassette` reads ours, and we read its. But no connection is patched: an adapter in the
session records and replays, from any number of threads, and while it replays nothing gets past it. Secrets never reach
the file (`scrubbing`); the running test sees the true answers.
"""

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import requests
from requests.adapters import BaseAdapter

from ...rig.clock import utc_now
from .ages import read_age
from .errors import CassetteError
from .recording import Cassette, CassetteAdapter, RecordMode

FOLDER = Path("cassettes")
"""Where a cassette lies that is called by a name alone."""

_everywhere = threading.Lock()


@contextmanager
def cassette(
    name: str | Path,
    session: requests.Session | None = None,
    *,
    record_mode: RecordMode = "none",
    secrets: Collection[str] = (),
    fail_older_than: str | timedelta | None = None,
    now: Callable[[], datetime] = utc_now,
    folder: str | Path = FOLDER,
) -> Iterator[Cassette]:
    """Record or replay inside the block what goes through `session`; without one, through every session of requests.

    `name` is a name in `folder`, or a path (a `Path`, or a text that ends in `.yaml`). A recording is written when the
    block ends; not if it ends with an error, as half a recording would pass for a whole one, and not if nothing new was
    asked. `secrets` are values that must not be in the file, such as the passcode; give them when replaying too, in the
    same order, so that requests compare. A cassette older than `fail_older_than` (`30d`, `12h`) is an error, and is not
    recorded again in silence. Raises `CassetteError`, and `ValueError` for arguments that cannot be.
    """
    is_path = isinstance(name, Path) or name.endswith((".yaml", ".yml"))
    path = Path(name) if is_path else Path(folder) / f"{name}.yaml"
    oldest = read_age(fail_older_than) if isinstance(fail_older_than, str) else fail_older_than
    played = Cassette(path, now=now, record_mode=record_mode, secrets=secrets, oldest=oldest)
    with _in_all_sessions(played) if session is None else _in_session(session, played):
        yield played
    played.save()


@contextmanager
def _in_session(session: requests.Session, played: Cassette) -> Iterator[None]:
    outside = dict(session.adapters)
    for prefix, adapter in outside.items():
        session.mount(prefix, CassetteAdapter(adapter, played))
    try:
        yield
    finally:
        for prefix, adapter in outside.items():
            session.mount(prefix, adapter)


@contextmanager
def _in_all_sessions(played: Cassette) -> Iterator[None]:
    """Sessions look their adapter up for each request, in one method: that is where it is changed."""
    if not _everywhere.acquire(blocking=False):
        raise CassetteError("A cassette is in use for all sessions already. Give one of the two a session of its own.")
    true_one = requests.Session.get_adapter

    def get_adapter(session: requests.Session, url: str | bytes) -> BaseAdapter:
        adapter = true_one(session, url)  # type: ignore[arg-type]
        return adapter if isinstance(adapter, CassetteAdapter) else CassetteAdapter(adapter, played)

    try:
        requests.Session.get_adapter = get_adapter  # type: ignore[assignment,method-assign]
        yield
    finally:
        requests.Session.get_adapter = true_one  # type: ignore[method-assign]
        _everywhere.release()
