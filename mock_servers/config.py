"""What a stack is built from, and the one place that reads the environment."""

import os
from dataclasses import dataclass
from pathlib import Path

DEFAULT_URL = "http://127.0.0.1:8400"


@dataclass(frozen=True, slots=True)
class Config:
    """How a rig is to be.

    `random_seed` and `deals` None mean: what the state folder holds, else 1 and 25. `state` None means that
    everything is forgotten at the end. `port` is the local Zapier's; Pipedrive has the next one, CleverTap the one
    after; 0 takes three free ones. It is not used by a stack in process.
    """

    host: str = "127.0.0.1"
    port: int = 8400
    random_seed: int | None = None
    deals: int | None = None
    state: Path | None = None
    allowed_hosts: tuple[str, ...] = ()


def rig_url(given: str | None = None) -> str:
    """Where the rig is: as given, else `ZAPRIG_URL`, else the default address."""
    url = (given or os.environ.get("ZAPRIG_URL") or DEFAULT_URL).rstrip("/")
    return url if "://" in url else f"http://{url}"


def rig_token() -> str | None:
    """What the rig asks for where it can be reached from other machines, or a workspace's token: `ZAPRIG_TOKEN`."""
    return os.environ.get("ZAPRIG_TOKEN") or None


def live_credentials(vendor: str) -> dict[str, str]:
    """Credentials of a real account: of `ZAPRIG_LIVE_CLEVERTAP_ACCOUNT_ID`, `..._PASSCODE`, `..._REGION` and
    `ZAPRIG_LIVE_PIPEDRIVE_API_TOKEN` those that are set. The long names are there so that none is meant by accident.
    """
    prefix = f"ZAPRIG_LIVE_{vendor.upper()}_"
    return {
        name.removeprefix(prefix).lower(): value
        for name, value in os.environ.items()
        if name.startswith(prefix) and value
    }


def fixtures() -> Path:
    """The folder with the ready Zaps: in the wheel `mock_servers/_fixtures`, in a checkout `fixtures/`."""
    packaged = Path(__file__).parent / "_fixtures"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / "fixtures"
