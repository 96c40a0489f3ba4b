"""One SQLite file: open, bring to the newest shape, read, write, count.

A service keeps all its state in one such file and all its SQL in its `storage` module. One writer at a time
(`BEGIN IMMEDIATE` behind a lock), any number of readers, each on a snapshot. What was committed survives
`kill -9`; a power cut may lose the last transactions (`synchronous=NORMAL`).
"""

import functools
import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

_MOST_ROWS = 64
"""Rows of one INSERT."""

COUNTERS = "CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"


class DamagedDatabaseError(Exception):
    """The file is no database, or not a whole one."""


class NewerDatabaseError(Exception):
    """The file was written by a newer zaprig than this one."""


class Database:
    """One file, opened; `migrations` are SQL scripts, of which the file has seen the first `user_version`."""

    def __init__(self, path: Path, migrations: Sequence[str], *, is_throwaway: bool = False, must_exist: bool = False):
        self.path = path
        self._is_throwaway = is_throwaway
        self._write_lock = threading.RLock()
        self._idle: list[sqlite3.Connection] = []
        self._opened: list[sqlite3.Connection] = []
        self._after_commit: list[Callable[[], None]] = []
        if not path.exists() or not path.stat().st_size:
            if must_exist:
                message = f"{path} is missing. Restore it, or start in another folder with --state."
                raise DamagedDatabaseError(message)
            fresh = path.with_suffix(".new")
            fresh.write_bytes(_fresh_file(path.stem, (COUNTERS, *migrations)))
            fresh.replace(path)  # in one step: a crash leaves no half of a file
        try:
            self._writer = self._connect()
            _check_owner(self._writer, path)
            _migrate(self._writer, (COUNTERS, *migrations), path)
        except sqlite3.DatabaseError as problem:
            self.close()
            if isinstance(problem, sqlite3.OperationalError):
                raise
            message = f"{path} is damaged ({problem}). Restore it, or start in another folder with --state."
            raise DamagedDatabaseError(message) from problem
        except (NewerDatabaseError, DamagedDatabaseError):
            self.close()
            raise

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=30, isolation_level=None, check_same_thread=False)
        self._opened.append(connection)
        connection.row_factory = sqlite3.Row
        connection.execute(f"PRAGMA synchronous={'OFF' if self._is_throwaway else 'NORMAL'}")
        return connection

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is kept, or on an exception nothing. Never make an HTTP call inside."""
        with self._write_lock:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                self._writer.execute("ROLLBACK")
                self._after_commit.clear()
                raise
            callbacks, self._after_commit = self._after_commit, []
        for callback in callbacks:
            callback()

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """One snapshot to read from; it sees nothing that is committed while it is held."""
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._connect()
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("COMMIT")
            self._idle.append(connection)

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call back once the transaction that is being written has been committed."""
        if callback not in self._after_commit:
            self._after_commit.append(callback)

    def close(self) -> None:
        """Close every connection. Not to be used afterwards."""
        for connection in self._opened:
            connection.close()


@contextmanager
def damage_said(folder: Path | None) -> Iterator[None]:
    """A file that turns out damaged when it is first read is said like one that cannot be opened."""
    try:
        yield
    except sqlite3.DatabaseError as problem:
        if folder is None:
            raise
        message = f"The state folder {folder} is damaged ({problem}). Restore it, or choose another with --state."
        raise DamagedDatabaseError(message) from problem


def next_number(connection: sqlite3.Connection, name: str) -> int:
    """The next number of a counter, 1 the first time; counted in the transaction that uses it."""
    row = connection.execute(
        "INSERT INTO counter (name, value) VALUES (?, 1)"
        " ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
        (name,),
    ).fetchone()
    return int(row[0])


def insert_rows(
    connection: sqlite3.Connection,
    table: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    otherwise: str = "",
) -> None:
    """Insert many rows with few statements, which takes half the time of a statement for each.

    `otherwise` is what to do with a row that is there already, e.g. `ON CONFLICT (id) DO NOTHING`.
    """
    start, length = 0, _MOST_ROWS
    while start < len(rows):
        while length > len(rows) - start:
            length //= 2  # a handful of lengths, so that no statement must be prepared twice
        values = tuple(chain.from_iterable(rows[start : start + length]))
        connection.execute(_insert(table, tuple(columns), length, otherwise), values)
        start += length


@functools.lru_cache(256)
def _insert(table: str, columns: tuple[str, ...], rows: int, otherwise: str) -> str:
    row = f"({', '.join('?' * len(columns))})"
    values = ", ".join([row] * rows)
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {values} {otherwise}"  # noqa: S608 - the names are ours


class Numbers:
    """Many numbers of a counter within one transaction: counted in memory, and kept by `keep` before it ends."""

    def __init__(self, connection: sqlite3.Connection, name: str):
        self._connection = connection
        self._name = name
        self._last: int | None = None

    def next(self) -> int:
        """The next number, 1 the first time."""
        if self._last is None:
            row = self._connection.execute("SELECT value FROM counter WHERE name = ?", (self._name,)).fetchone()
            self._last = row[0] if row else 0
        self._last += 1
        return self._last

    def keep(self) -> None:
        """Store how far was counted."""
        if self._last is not None:
            self._connection.execute(
                "INSERT INTO counter (name, value) VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (self._name, self._last),
            )


def _mark(name: str) -> int:
    """What the header of a service's file says it is: SQLite's application id."""
    return zlib.crc32(name.encode()) & 0x7FFFFFFF


def _check_owner(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("PRAGMA application_id").fetchone()[0] != _mark(path.stem):
        message = f"{path} is not the database of {path.stem}. Restore it, or start in another folder with --state."
        raise DamagedDatabaseError(message)


def _migrate(connection: sqlite3.Connection, migrations: Sequence[str], path: Path) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(migrations):
        message = (
            f"{path} was written by a newer zaprig (its data has version {version}, this one reads up to"
            f" {len(migrations)}). Update zaprig, or choose another folder with --state."
        )
        raise NewerDatabaseError(message)
    for number, script in enumerate(migrations[version:], start=version + 1):
        connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version={number}; COMMIT;")


@functools.cache
def _fresh_file(name: str, migrations: tuple[str, ...]) -> bytes:
    """The bytes of an empty, fully migrated file: made once per process, because a new stack per test is common."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute(f"PRAGMA application_id={_mark(name)}")
    _migrate(connection, migrations, Path(":memory:"))
    content = bytearray(connection.serialize())
    connection.close()
    # A memory database cannot be in WAL mode, but its file can: these two bytes of the header say so.
    # Source: sqlite.org/fileformat.html, "file format version numbers".
    content[18:20] = b"\x02\x02"
    return bytes(content)
