"""What a write changed: the one thing that webhooks are told about."""

from dataclasses import dataclass
from typing import Literal

from .deals import Deal
from .organizations import Organization
from .persons import Person
from .pipelines import Pipeline, Stage

Record = Deal | Person | Organization | Pipeline | Stage
Action = Literal["create", "change", "delete"]


@dataclass(frozen=True, slots=True)
class Change:
    """One record before and after; `before` is None when it was created. A deletion has both."""

    action: Action
    before: Record | None
    after: Record

    @property
    def entity(self) -> str:
        """What changed, in the words of the webhooks: `deal`, `person`, …"""
        return self.after.ENTITY


def what_changed(before: Record | None, after: Record) -> Change | None:
    """The change from `before` to `after`, or None if there is none.

    A move to another stage is a change like every other: there is no stage-change event.
    Source: facts/pipedrive.md 5.2 (documented), 4.4 (assumed: a write that changes nothing is no change).
    """
    if before is None:
        return Change("create", None, after)
    if before == after:
        return None
    if after.is_deleted and not before.is_deleted:
        return Change("delete", before, after)
    return Change("change", before, after)
