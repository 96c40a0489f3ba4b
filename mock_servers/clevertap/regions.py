"""In which data centre does a request look for its account?

Source: developer.clevertap.com/docs/authentication (2025-12-14) and the Get User Profiles page (2026-07-03);
documented. `sk1` is in third-party clients only; observed. The path prefix is our own, for local addresses.
"""

import re
from dataclasses import dataclass

DEFAULT = "eu1"
REGIONS = ("eu1", "in1", "sg1", "us1", "aps3", "mec1", "sk1")

_VENDOR = "api.clevertap.com"
_PREFIXED = re.compile(r"/(?P<region>[^/]+)/(?:1|2|v1)/")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request was sent."""

    region: str | None
    """None where the address names none."""
    is_real_path: bool = True
    """False for a path with a region on the vendor's own host, which has no such paths."""


def without_region(path: str) -> str:
    """The path as the vendor's own host has it."""
    prefix = _PREFIXED.match(path)
    return path[len(prefix["region"]) + 1 :] if prefix else path


def find(host: str, path: str) -> Place:
    """Which region does an address name? `host` without port, in lower case.

    The vendor's host says it, and the bare one is Europe's. Any other host is local: there the first part of the path
    says it (`/in1/1/upload`), or a host such as `in1.localhost`, or nothing does.
    """
    prefix = _PREFIXED.match(path)
    if host == _VENDOR or host.endswith(f".{_VENDOR}"):
        return Place(host.removesuffix(_VENDOR).rstrip(".") or DEFAULT, is_real_path=prefix is None)
    if prefix:
        return Place(prefix["region"])
    label, _, rest = host.partition(".")
    return Place(label if rest == "localhost" and label in REGIONS else None)
