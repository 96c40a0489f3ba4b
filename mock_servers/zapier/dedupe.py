"""Which records of a poll are new.

Source: facts on Zapier 3.1, read 2026-11; documented. Order of the new ones (oldest first) is assumed.
"""

from collections.abc import Container, Mapping, Sequence
from typing import Any

import msgspec

Record = Mapping[str, Any]


def key_of(record: Record, primary: Sequence[str]) -> str:
    """What tells this record from others: its primary values as JSON, with their types, so 1 and "1" differ."""
    return msgspec.json.encode([record.get(field) for field in primary]).decode()


def unseen(records: Sequence[Record], seen: Container[str], primary: Sequence[str]) -> dict[str, Record]:
    """The new records by their key, oldest first. `records` come newest first; of two with one key the newer
    counts.
    """
    fresh: dict[str, Record] = {}
    for record in records:
        key = key_of(record, primary)
        if key not in seen and key not in fresh:
            fresh[key] = record
    return dict(reversed(fresh.items()))
