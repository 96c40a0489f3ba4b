"""A rig to record in: always the same company, account, ids and time, so that recordings are equal to the byte."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from .config import Config
from .harness.scenarios import Place, Scenario
from .harness.scenarios.live import FIELDS
from .rig.clock import Clock
from .stack import Stack, build_stack

OPENED_AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


@contextmanager
def studio(scenario: Scenario, *, region: str | None = None) -> Iterator[Place]:
    """A place of its own for one scenario, without sockets, under the vendors' real host names.

    `region` is CleverTap's, None for the default one. Raises `ApiError` for a region that does not exist.
    """
    with build_stack(Config(random_seed=1, deals=0), clock=Clock.frozen(OPENED_AT)) as stack:
        if scenario.vendor == "pipedrive":
            account = stack.pipedrive.default_credentials()
        elif region is None:
            account = stack.clevertap.default_credentials()
        else:
            made = stack.clevertap.add_account({"region": region})
            account = {name: made[name] for name in FIELDS["clevertap"]}
        yield Place(stack.session, account, stack.clock.now, lambda: _busy(stack))


@contextmanager
def _busy(stack: Stack) -> Iterator[None]:
    """Another upload is in hand, and the account may have no more."""
    clevertap = stack.clevertap
    account_id = clevertap.default_credentials()["account_id"]
    account = clevertap.change_settings(account_id, {"enforce_limits": True, "upload_concurrency": 1})
    with clevertap.concurrency.call(account, "/1/upload"):
        yield
