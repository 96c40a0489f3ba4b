"""Cassettes: what a service said, kept in a file, and said again without the service."""

from .cassette import (
    MATCH_ON,
    Cassette,
    CassetteAdapter,
    CassetteError,
    LeakedSecretError,
    NotRecordedError,
    RecordMode,
    UnreadableCassetteError,
    open_cassette,
)

__all__ = [
    "MATCH_ON",
    "Cassette",
    "CassetteAdapter",
    "CassetteError",
    "LeakedSecretError",
    "NotRecordedError",
    "RecordMode",
    "UnreadableCassetteError",
    "open_cassette",
]
