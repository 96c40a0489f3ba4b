"""Does the mock CleverTap answer as its OpenAPI document says, whatever it is sent?

schemathesis makes the requests, as in `zaprig contract`: `fixtures/schemathesis.toml` says how, and which check is off
where; `mock_servers.harness.contract.clevertap_cases` says what OpenAPI cannot say of a request. No case is left out.
"""

from collections import Counter
from urllib.parse import parse_qs

import pytest

from mock_servers.clevertap.routes import DOCUMENT
from mock_servers.config import fixtures
from mock_servers.harness.contract.clevertap_cases import COUNTS, EXPORTS, prepare
from mock_servers.harness.contract.fuzzing import fuzz
from mock_servers.harness.contract.targets import Settings, Target
from tests.contract.served import Served

MOST_EXAMPLES = 25
"""By chance, of each operation, and walks; the edges of the schemas come besides, which are up to two thousand."""
GIVEN_BY_ANSWERS = {"identity", "objectId", "email", "cursor", "req_id"}


class Listening:
    """The mock, and how often it was asked for what an answer gave, and gave something."""

    def __init__(self):
        # A count is there when it is asked for the second time, so that the walks meet both answers.
        self._served = Served(counts_ready_after=2)
        self.led_on = Counter()

    @property
    def variables(self):
        """The account's credentials, as the settings call them."""
        account_id, passcode = self._served.headers.values()
        return {"CLEVERTAP_ACCOUNT_ID": account_id, "CLEVERTAP_PASSCODE": passcode}

    def __call__(self, environ, start_response):
        """Answer as the mock does."""

        def listen(status, *rest):
            if status.startswith("200") and parse_qs(environ["QUERY_STRING"]).keys() & GIVEN_BY_ANSWERS:
                self.led_on[f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"] += 1
            return start_response(status, *rest)

        return self._served.app(environ, listen)


def work(app, *phases):
    """What a run of these phases finds."""
    settings = Settings(file=fixtures() / "schemathesis.toml", max_examples=MOST_EXAMPLES, phases=phases)
    target = Target(name="clevertap", document=DOCUMENT, app=app, variables=app.variables, prepare=prepare)
    return fuzz(target, settings)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("phase", "fewest"),
    [
        pytest.param("examples", 50, id="the document's examples"),
        pytest.param("coverage", 8000, id="the edges of every schema"),
        pytest.param("fuzzing", 350, id="chance"),
    ],
)
def test_answers_follow_the_document(phase, fewest):
    """Every answer to right, wrong and odd requests is one that the document describes."""
    [check] = work(Listening(), phase)

    assert check.problem is None
    assert check.findings == ()
    assert check.cases >= fewest


@pytest.mark.slow
def test_answers_along_the_links_follow_the_document():
    """What one answer gives, the next request takes, and every answer on the way is described."""
    app = Listening()
    [check] = work(app, "stateful")

    assert check.problem is None
    assert check.findings == ()
    assert app.led_on.keys() >= {"GET /1/profile.json", *(f"GET {path}" for path in (*EXPORTS, *COUNTS))}
