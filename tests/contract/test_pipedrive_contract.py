"""Does the mock Pipedrive answer as its OpenAPI document says, whatever it is sent?

schemathesis makes the requests, as in `zaprig contract`: `fixtures/schemathesis.toml` says how, and which check is off
where; `mock_servers.harness.contract.pipedrive_cases` says what OpenAPI cannot say of a request. The walks here look at
more than the command's: that what was deleted is so.
"""

from collections import Counter
from typing import ClassVar

import hypothesis
import pytest

from mock_servers.config import fixtures
from mock_servers.harness.contract.fuzzing import fuzz
from mock_servers.harness.contract.pipedrive_cases import adjust, prepare
from mock_servers.harness.contract.targets import Settings, Target, load_schema
from mock_servers.pipedrive.routes import DOCUMENT
from tests.contract.served_pipedrive import ServedPipedrive

SEED = 1
MOST_EXAMPLES = 15
"""By chance, of each operation; the edges of its schemas come besides."""
MOST_WALKS = 40
STEPS = 50

# The walks have a server of their own, for what they meet must not depend on the order of the tests. At module level,
# because schemathesis makes a class of the links.
walked = ServedPipedrive(deals=30)


def target(served: ServedPipedrive) -> Target:
    """The server with its company's token."""
    return Target(
        name="pipedrive",
        document=DOCUMENT,
        app=served.app,
        variables={"PIPEDRIVE_API_TOKEN": served.headers["x-api-token"]},
        prepare=prepare,
    )


def settings(*phases: str) -> Settings:
    """As the shipped file says, with fewer cases by chance."""
    return Settings(file=fixtures() / "schemathesis.toml", max_examples=MOST_EXAMPLES, phases=phases)


links = load_schema(target(walked), settings("stateful"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("phase", "fewest"),
    [
        pytest.param("examples", 300, id="the document's examples"),
        pytest.param("coverage", 6000, id="the edges of every schema"),
        pytest.param("fuzzing", 600, id="chance"),
    ],
)
def test_answers_follow_the_document(phase, fewest):
    """Every answer to right, wrong and odd requests is one that the document describes."""
    [check] = fuzz(target(ServedPipedrive(deals=30)), settings(phase))

    assert check.problem is None
    assert check.findings == ()
    assert check.cases >= fewest


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
