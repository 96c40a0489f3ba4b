"""How profiles lie in the database: a document each, found by its id, its identifiers, its e-mail, its phone.

Functions take the connection of an open transaction. Lists go down by id from a cursor, so a page costs the same at a
thousand rows and at a million.
"""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

import msgspec

from ..rig.database import insert_rows
from .identity import EMAIL_KIND, PHONE_KIND, Key
from .profiles import Profile
from .subscriptions import Address

_DECODER = msgspec.json.Decoder(Profile)
_ENCODER = msgspec.json.Encoder()
_MOST_MARKS = 512
"""Values of one IN list."""

T = TypeVar("T")


def _chunks(values: Iterable[T]) -> Iterator[tuple[T, ...]]:
    """The values in parts for IN lists, the last value of each repeated to few different lengths.

    So a handful of statements serves all, and none must be prepared twice.
    """
    iterator = iter(values)
    while chunk := tuple(islice(iterator, _MOST_MARKS)):
        length = 1 << (len(chunk) - 1).bit_length()
        yield chunk + chunk[-1:] * (length - len(chunk))


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def find_holders(connection: sqlite3.Connection, account: int, keys: Iterable[Key]) -> dict[Key, int]:
    """Which profiles hold these keys? Keys that nobody holds are absent; an e-mail leads to the oldest that has it."""
    by_kind: dict[str, list[str]] = {}
    for kind, value in keys:
        by_kind.setdefault(kind, []).append(value)
    holders: dict[Key, int] = {}
    for kind, values in by_kind.items():
        for chunk in _chunks(values):
            if kind in {EMAIL_KIND, PHONE_KIND}:
                query = (
                    f"SELECT {kind}, MIN(id) FROM profile WHERE account = ? AND {kind} IN ({_marks(chunk)})"  # noqa: S608
                    f" GROUP BY {kind}"
                )
                rows = connection.execute(query, (account, *chunk))
            else:
                query = (
                    "SELECT value, profile_id FROM identifier"  # noqa: S608 - only question marks
                    f" WHERE account = ? AND kind = ? AND value IN ({_marks(chunk)})"
                )
                rows = connection.execute(query, (account, kind, *chunk))
            holders.update((Key(kind, value), id) for value, id in rows)
    return holders


def object_ids_from(connection: sqlite3.Connection, account: int, first: str, last: str) -> set[str]:
    """The object ids that somebody has from `first` to `last`, as texts."""
    rows = connection.execute(
        "SELECT value FROM identifier WHERE account = ? AND kind = 'objectId' AND value BETWEEN ? AND ?",
        (account, first, last),
    )
    return {row[0] for row in rows}


def read_profiles(connection: sqlite3.Connection, ids: Collection[int]) -> dict[int, Profile]:
    """The profiles with these ids; those that do not exist are absent."""
    found = {}
    for chunk in _chunks(ids):
        query = f"SELECT id, document FROM profile WHERE id IN ({_marks(chunk)})"  # noqa: S608 - only question marks
        found.update({id: _DECODER.decode(document) for id, document in connection.execute(query, chunk)})
    return found


def list_profiles(connection: sqlite3.Connection, account: int, before: int | None, limit: int) -> list[int]:
    """The ids of an account's profiles, newest first, from the one before the id `before`."""
    query = "SELECT id FROM profile WHERE account = ? AND id < ? ORDER BY id DESC LIMIT ?"
    return [row[0] for row in connection.execute(query, (account, 2**63 - 1 if before is None else before, limit))]


def count_profiles(connection: sqlite3.Connection, account: int, most: int) -> int:
    """How many profiles an account has; counts no further than `most`."""
    query = "SELECT COUNT(*) FROM (SELECT 1 FROM profile WHERE account = ? LIMIT ?)"
    return int(connection.execute(query, (account, most)).fetchone()[0])


def ids_with_address(connection: sqlite3.Connection, account: int, address: Key, limit: int) -> list[int]:
    """The ids of the oldest profiles with an e-mail, in lower case, or with a phone that they are found by."""
    query = f"SELECT id FROM profile WHERE account = ? AND {address.kind} = ? ORDER BY id LIMIT ?"  # noqa: S608
    return [row[0] for row in connection.execute(query, (account, address.value, limit))]


def profiles_with_phone(connection: sqlite3.Connection, account: int, phone: str) -> list[int]:
    """The ids of all profiles that have this phone and are found by it."""
    rows = connection.execute("SELECT id FROM profile WHERE account = ? AND phone = ? ORDER BY id", (account, phone))
    return [row[0] for row in rows]


def write_profiles(
    connection: sqlite3.Connection, account: int, profiles: Iterable[Profile], *, by_phone: bool
) -> None:
    """Store new profiles, and what others have become; their identifiers are not touched.

    They are found by their phone only with `by_phone`.
    """
    encode = _ENCODER.encode
    insert_rows(
        connection,
        "profile",
        ("id", "account", "email", "phone", "document"),
        [
            (
                profile.id,
                account,
                None if (email := profile.properties.get("Email")) is None else email.lower(),
                profile.properties.get("Phone") if by_phone else None,
                encode(profile),
            )
            for profile in profiles
        ],
        "ON CONFLICT (id) DO UPDATE SET email = excluded.email, phone = excluded.phone, document = excluded.document",
    )


def add_identifiers(connection: sqlite3.Connection, account: int, keys: Iterable[tuple[Key, int]]) -> None:
    """Let these keys lead to these profiles, whoever held them before."""
    insert_rows(
        connection,
        "identifier",
        ("account", "kind", "value", "profile_id"),
        [(account, kind, value, profile_id) for (kind, value), profile_id in keys],
        "ON CONFLICT (account, kind, value) DO UPDATE SET profile_id = excluded.profile_id",
    )


def remove_identifiers(connection: sqlite3.Connection, account: int, keys: Iterable[Key]) -> None:
    """Let these keys lead nowhere."""
    connection.executemany(
        "DELETE FROM identifier WHERE account = ? AND kind = ? AND value = ?", [(account, *key) for key in keys]
    )


def remove_profiles(connection: sqlite3.Connection, ids: Iterable[int]) -> None:
    """Forget profiles, not their identifiers nor their events."""
    connection.executemany("DELETE FROM profile WHERE id = ?", [(id,) for id in ids])
    connection.executemany("DELETE FROM debug_event WHERE profile_id = ?", [(id,) for id in ids])


def find_by_phone(connection: sqlite3.Connection, account: int, *, on: bool) -> None:
    """Begin, or cease, to find the profiles of an account by their phone."""
    value = "json_extract(CAST(document AS TEXT), '$.properties.Phone')" if on else "NULL"
    connection.execute(f"UPDATE profile SET phone = {value} WHERE account = ?", (account,))  # noqa: S608 - ours


def blocked_addresses(connection: sqlite3.Connection, account: int, addresses: Iterable[Address]) -> set[Address]:
    """Which of these addresses were unsubscribed?"""
    by_channel: dict[str, list[str]] = {}
    for channel, value in addresses:
        by_channel.setdefault(channel, []).append(value)
    found: set[Address] = set()
    for channel, values in by_channel.items():
        for chunk in _chunks(values):
            query = (
                "SELECT address FROM blocked_address"  # noqa: S608 - only question marks
                f" WHERE account = ? AND channel = ? AND address IN ({_marks(chunk)})"
            )
            rows = connection.execute(query, (account, channel, *chunk))
            found.update(Address(channel, row[0]) for row in rows)
    return found


def block_addresses(connection: sqlite3.Connection, account: int, addresses: Iterable[Address]) -> None:
    """Unsubscribe addresses."""
    connection.executemany(
        "INSERT OR IGNORE INTO blocked_address (account, channel, address) VALUES (?, ?, ?)",
        [(account, *address) for address in addresses],
    )


def unblock_addresses(connection: sqlite3.Connection, account: int, addresses: Iterable[Address]) -> None:
    """Subscribe addresses again."""
    connection.executemany(
        "DELETE FROM blocked_address WHERE account = ? AND channel = ? AND address = ?",
        [(account, *address) for address in addresses],
    )


def known_property_names(connection: sqlite3.Connection, account: int, names: Iterable[str]) -> set[str]:
    """Which of these custom properties has the account seen before?"""
    found: set[str] = set()
    for chunk in _chunks(names):
        query = f"SELECT name FROM property_name WHERE account = ? AND name IN ({_marks(chunk)})"  # noqa: S608
        found.update(row[0] for row in connection.execute(query, (account, *chunk)))
    return found


def count_property_names(connection: sqlite3.Connection, account: int) -> int:
    """How many custom properties the account has seen."""
    return int(connection.execute("SELECT COUNT(*) FROM property_name WHERE account = ?", (account,)).fetchone()[0])


def add_property_name(connection: sqlite3.Connection, account: int, name: str) -> None:
    """Remember a custom property."""
    connection.execute("INSERT INTO property_name (account, name) VALUES (?, ?)", (account, name))
