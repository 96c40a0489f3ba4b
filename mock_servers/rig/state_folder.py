"""The folder in which `up --state` keeps everything: private, used by one process at a time."""

import os
import re
import sys
from pathlib import Path
from typing import Annotated, BinaryIO

import msgspec

from .clock import ClockReading, check_reading
from .database import NewerDatabaseError

FORMAT = 1
LOCK = "lock"
SETTINGS = "stack.json"
OURS = re.compile(r"lock|stack\.(json|new)|(zapier|pipedrive|clevertap)\.(new|sqlite(-wal|-shm|-journal)?)")
"""Names of what a rig keeps."""


class StateInUseError(Exception):
    """Another rig works on the folder."""


class UnreadableStateError(Exception):
    """The folder cannot be used as it is; says why and what to do."""


class Settings(msgspec.Struct, frozen=True):
    """What the whole stack must find again: written once, then only the clock moves."""

    random_seed: int
    deals: Annotated[int, msgspec.Meta(ge=0)]
    clock: ClockReading = ClockReading()
    format: int = FORMAT
    is_whole: bool = False
    """Was every database made? Until then a missing one is a beginning that was broken off, later a loss."""


class StateFolder:
    """An opened and locked folder. `settings` is None while it is new."""

    def __init__(self, path: Path):
        self.path = path
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            _refuse_strangers(path)
            path.chmod(0o700)
            self._lock = (path / LOCK).open("ab")
        except OSError as problem:
            message = f"The state folder {path} cannot be used: {problem.strerror}. Choose another with --state."
            raise UnreadableStateError(message) from problem
        _take(self._lock, path)
        self._file = path / SETTINGS
        try:
            self.settings = self._read()
        except BaseException:
            self._lock.close()
            raise

    def _read(self) -> Settings | None:
        if not self._file.exists():
            return None
        try:
            settings = msgspec.json.decode(self._file.read_bytes(), type=Settings)
            check_reading(settings.clock)
        except (msgspec.DecodeError, UnicodeDecodeError, OSError, OverflowError) as problem:
            message = f"{self._file} is damaged ({problem}). Restore it, or start in another folder with --state."
            raise UnreadableStateError(message) from problem
        if settings.format > FORMAT:
            message = (
                f"{self.path} was written by a newer zaprig (format {settings.format}, this one reads up to {FORMAT})."
                " Update zaprig, or choose another folder with --state."
            )
            raise NewerDatabaseError(message)
        return settings

    def write(self, settings: Settings) -> None:
        """Replace the settings in one step, so that a crash leaves the old or the new ones, never a half."""
        fresh = self._file.with_suffix(".new")
        fresh.write_bytes(msgspec.json.encode(settings))
        fresh.replace(self._file)
        self.settings = settings

    def is_whole_now(self) -> None:
        """Every database is there and filled."""
        if self.settings is not None and not self.settings.is_whole:
            self.write(msgspec.structs.replace(self.settings, is_whole=True))

    def remember_clock(self, reading: ClockReading) -> None:
        """Store where the clock stands."""
        if self.settings is not None:
            self.write(msgspec.structs.replace(self.settings, clock=reading))

    def close(self) -> None:
        """Let others use the folder."""
        self._lock.close()


def _refuse_strangers(path: Path) -> None:
    """A folder with something else in it is not ours to lock up and fill."""
    if not all(OURS.fullmatch(each.name) for each in path.iterdir()):
        message = f"{path} holds something else than a rig's state. Choose a new or an empty folder with --state."
        raise UnreadableStateError(message)


def _take(lock: BinaryIO, path: Path) -> None:
    if sys.platform == "win32":
        return  # no flock there: two rigs on one folder are the user's to avoid
    import fcntl

    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        holder = (path / LOCK).read_text(errors="replace").strip()
        by = f" by process {holder}" if holder else ""
        lock.close()
        message = f"The state folder {path} is in use{by}. Stop that rig, or choose another folder with --state."
        raise StateInUseError(message) from problem
    lock.truncate(0)
    lock.write(str(os.getpid()).encode())
    lock.flush()
