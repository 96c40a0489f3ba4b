"""Cassettes: what a service said, kept in a file, and said again without the service."""

from .errors import (
    CassetteError,
    LeakedSecretError,
    NotRecordedError,
    OldCassetteError,
    UnreadableCassetteError,
)
from .interactions import MATCH_ON
from .recording import RECORD_MODES, Cassette, CassetteAdapter, RecordMode
from .sessions import cassette

__all__ = [
    "MATCH_ON",
    "RECORD_MODES",
    "Cassette",
    "CassetteAdapter",
    "CassetteError",
    "LeakedSecretError",
    "NotRecordedError",
    "OldCassetteError",
    "RecordMode",
    "UnreadableCassetteError",
    "cassette",
]
