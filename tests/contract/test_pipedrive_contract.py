"""Does the mock Pipedrive answer as its OpenAPI document says, whatever it is sent?

schemathesis makes the requests: the document's examples, the edges of every schema, chance, and walks along the links.
What OpenAPI cannot say of a request is said in `mock_servers.harness.contract.pipedrive_cases`.
"""

from collections import Counter
from typing import Any, ClassVar

import hypothesis
import pytest
import schemathesis

from mock_servers.harness.contract.pipedrive_cases import adjust
from tests.contract.served_pipedrive import ServedPipedrive

SEED = 1
MOST_EXAMPLES = 15
"""By chance, of each operation; the edges of its schemas come besides."""
MOST_WALKS = 40
STEPS = 50

# The checks that are off, and where.
LENIENT = {
    # v1 takes for right what means the right thing, and ignores what it does not know (facts/pipedrive.md 2.4, 4.1).
    "include-path-regex": "^/api/v1/(deals|persons|organizations|pipelines|stages|webhooks)",
    "include-method": ["POST", "PUT"],
    "checks": {"negative_data_rejection": {"enabled": False}},
}
READ_AFTER_DELETION = {
    # A deleted record can be read for 30 more days (facts/pipedrive.md 3.1). What holds instead, `Walk` looks after.
    "include-path-regex": r"^/api/v\d/(deals|persons|organizations|pipelines|stages)/\{id\}$",
    "include-method": "GET",
    "checks": {"use_after_free": {"enabled": False}},
}
NOT_AN_ID = {
    # To another method, `archived` is the id of no deal, and that is a 404.
    "include-path": "/api/v2/deals/archived",
    "checks": {"unsupported_method": {"enabled": False}, "allow_header_conformance": {"enabled": False}},
}
SIGN_IN = {
    # A code comes from a user's consent only and works once; without a client the answer is 400 (facts/pipedrive.md
    # 1.3), and members of the form that are not known are ignored.
    "include-path": "/oauth/token",
    "checks": {"positive_data_acceptance": {"enabled": False}, "ignored_auth": {"enabled": False}},
}


def load(served: ServedPipedrive) -> Any:
    """The document of this server, and how its cases are made and judged."""
    config = {
        "seed": SEED,
        "headers": served.headers,
        "generation": {"deterministic": True, "max-examples": MOST_EXAMPLES},
        # Only the links that the document describes; guessed ones besides would lead away from them.
        "phases": {"stateful": {"inference": {"algorithms": []}}},
        "operations": [LENIENT, READ_AFTER_DELETION, NOT_AN_ID, SIGN_IN],
    }
    return schemathesis.openapi.from_wsgi("/openapi.json", served.app, config=schemathesis.Config.from_dict(config))


# At module level, because schemathesis collects its cases from here. The walks have a server of their own, for what
# they meet must not depend on the order of the tests.
served, walked = ServedPipedrive(deals=30), ServedPipedrive(deals=30)
schema, links = load(served), load(walked)


@pytest.fixture(autouse=True)
def _begin_again() -> None:
    """The same cases meet the same records, whatever the order of the tests."""
    served.begin_again()


@schema.parametrize()
def test_answers_follow_the_document(case):
    """Every answer to right, wrong and odd requests is one that the document describes."""
    adjust(case)
    case.call_and_validate(headers=served.headers)


@hypothesis.seed(SEED)
class Walk(links.as_state_machine()):
    """From a create to reading, changing and deleting, from a list to its pages, from a person to the deals."""

    answered: ClassVar[Counter[tuple[str, int]]] = Counter()

    def setup(self):
        """Every walk begins in the same company."""
        super().setup()
        walked.begin_again()
        self.deleted = set()

    def before_call(self, case):
        """What the document cannot say of a request is made so."""
        super().before_call(case)
        adjust(case)

    def get_call_kwargs(self, case):
        """The company's credentials."""
        return {"headers": walked.headers}

    def validate_response(self, response, case, additional_checks=None, **kwargs):
        """As it is done anyway, but told that the credentials are ours and not made up."""
        case.validate_response(
            response,
            headers=walked.headers,
            additional_checks=additional_checks,
            transport_kwargs=kwargs,
            recorder=self.recorder,
        )

    def after_call(self, response, case):
        """Count what was answered where, and look that what was deleted is so."""
        super().after_call(response, case)
        self.answered[case.operation.label, response.status_code] += 1
        if response.status_code == 200 and "id" in case.path_parameters:
            self.look_after_deletion(case.method, case.operation.path.split("/")[3], response, case)

    def look_after_deletion(self, method, kind, response, case):
        """What is deleted is shown as deleted, and neither changed nor deleted once more."""
        record = (kind, str(case.path_parameters["id"]))
        is_deleted = record in self.deleted
        if method == "DELETE":
            assert not is_deleted, f"{record} was deleted twice"
            self.deleted.add(record)
        elif method == "GET" and is_deleted:
            shown = response.json()["data"]
            is_there = shown.get("active_flag", shown.get("active"))
            assert shown.get("is_deleted", shown.get("deleted", not is_there)), f"{record} is shown as if it were there"
        elif is_deleted:
            assert record[0] == "pipelines", f"{record} was changed after its deletion"
            self.deleted.discard(record)  # v1's `active` brings a pipeline back


def test_answers_along_the_links_follow_the_document():
    """What one answer gives is read, changed and deleted by the next requests; what is deleted, not once more."""
    Walk.answered.clear()

    Walk.run(
        settings=hypothesis.settings(
            max_examples=MOST_WALKS,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
    )

    good = [label for label, status in Walk.answered if status == 200 and "{id}" in label]
    led_to = {(label.partition(" ")[0], label.split("/")[3]) for label in good}
    for kind in ("deals", "persons", "organizations", "pipelines", "stages"):
        assert {("GET", kind), ("DELETE", kind)} <= led_to, kind
        assert {("PATCH", kind), ("PUT", kind)} & led_to, kind
    assert ("DELETE", "webhooks") in led_to
    refused = {label.partition(" ")[0] for label, status in Walk.answered if status == 404}
    assert refused == {"GET", "PATCH", "PUT", "DELETE"}
