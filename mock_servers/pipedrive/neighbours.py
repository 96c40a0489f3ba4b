"""What the records of one answer point to: v1 shows it inside them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .companies import Company, User
from .organizations import Organization
from .persons import Person
from .pipelines import Pipeline, Stage


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Everything by id; `people_counts` by the id of the organization.

    `deal_counts`: by kind (`person`, `organization`) and id, how many deals of each status.
    """

    company: Company
    users: Mapping[int, User] = field(default_factory=dict)
    persons: Mapping[int, Person] = field(default_factory=dict)
    organizations: Mapping[int, Organization] = field(default_factory=dict)
    people_counts: Mapping[int, int] = field(default_factory=dict)
    deal_counts: Mapping[tuple[str, int], Mapping[str, int]] = field(default_factory=dict)
    stages: Mapping[int, Stage] = field(default_factory=dict)
    pipelines: Mapping[int, Pipeline] = field(default_factory=dict)

    @property
    def cc_email(self) -> str:
        """Where mail is sent that the company shall keep."""
        return f"{self.company.domain}@pipedrivemail.com"
