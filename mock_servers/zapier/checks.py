"""What Zapier would complain about in what a trigger or an action returned.

Source: facts on Zapier 2.9, read 2026-11; observed (`triggerIsArray`, `triggerIsObject`, `triggerHasId`,
`triggerHasUniquePrimary`, `createIsObject`).
"""

from collections.abc import Sequence
from typing import Any

from .dedupe import key_of


def problems_with_trigger(records: Any, primary: Sequence[str]) -> list[str]:
    """A trigger returns a list of objects, each with its primary values, no two with the same."""
    if not isinstance(records, list):
        return [f"a trigger must return a list of records, not {type(records).__name__}"]
    messages, keys = [], set()
    for position, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            messages.append(f"record {position} must be an object, not {type(record).__name__}")
            continue
        if "id" in primary and record.get("id") is None:
            messages.append(f"record {position} has no id")
        key = key_of(record, primary)
        if key in keys:
            messages.append(f"record {position} has the same {', '.join(primary)} as one before: {key}")
        keys.add(key)
    return messages


def problems_with_action(result: Any) -> list[str]:
    """An action returns one object."""
    return [] if isinstance(result, dict) else [f"an action must return an object, not {type(result).__name__}"]
