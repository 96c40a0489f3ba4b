"""What is wrong with a server is found and said so that it can be mended; what hinders the search is said, too."""

import os
import subprocess
import sys
from itertools import count
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import schemathesis

from mock_servers.clevertap.routes import DOCUMENT
from mock_servers.config import Config, fixtures
from mock_servers.harness.contract.cases import UnpreparedServerError
from mock_servers.harness.contract.clevertap_cases import prepare
from mock_servers.harness.contract.fuzzing import fuzz
from mock_servers.harness.contract.reports import BROKEN, HOLDS, Report
from mock_servers.harness.contract.targets import PHASES, Settings, Target
from mock_servers.rig.serving import HttpServer, listen
from mock_servers.served import serve
from mock_servers.stack import build_stack
from tests.harness import shelf
from tests.harness.shelf import Shelf, write_document
from tests.harness.spoiled import Spoiled

FILE = fixtures() / "schemathesis.toml"


def without(answer, name):
    return {key: value for key, value in answer.items() if key != name}


@pytest.fixture
def clevertap():
    """`clevertap(path, spoil)` works the document's examples on a mock whose answers there are spoiled."""
    with build_stack(Config(deals=0)) as stack:
        account = stack.clevertap.default_credentials()
        stack.clevertap.change_settings(account["account_id"], {"counts_ready_after": 2})
        variables = {f"CLEVERTAP_{name}".upper(): value for name, value in account.items()}

        def work(path, spoil):
            app = Spoiled(stack.lazy_app("clevertap"), path, spoil)
            target = Target(name="clevertap", document=DOCUMENT, app=app, variables=variables, prepare=prepare)
            return fuzz(target, Settings(file=FILE, phases=["examples"]))

        work.secret = account["passcode"]
        yield work


@pytest.fixture
def work(tmp_path):
    """`work(app)` works a few cases of the shelf's document on an app."""

    def work(app=None, *, document=shelf.DOCUMENT, url=None, phases=PHASES, seed=None, **given):
        target = Target(name="shelf", document=write_document(tmp_path, document), app=app, url=url, **given)
        return fuzz(target, Settings(file=FILE, seed=seed, max_examples=10, phases=phases))

    return work


# What is found


@pytest.mark.parametrize(
    ("path", "operation", "spoil", "part", "place", "what"),
    [
        pytest.param(
            "/1/upload",
            "POST /1/upload",
            lambda status, answer: (status, answer | {"processed": str(answer["processed"])}),
            "response body",
            "$.processed",
            'must fit the schema\'s `type`: "integer"',
            id="a value of the wrong type",
        ),
        pytest.param(
            "/v1/connect",
            "GET /v1/connect",
            lambda status, answer: (status, without(answer, "status")),
            "response body",
            "$",
            '"status" is a required property',
            id="a required member is missing",
        ),
        pytest.param(
            "/v1/connect",
            "GET /v1/connect",
            lambda status, answer: ("418 I'M A TEAPOT", answer),
            "response status",
            "",
            "Received: 418. Documented: 200",
            id="a status that is not declared",
        ),
        pytest.param(
            "/1/profile.json",
            "GET /1/profile.json",
            lambda status, answer: ("500 INTERNAL SERVER ERROR", answer),
            "response status",
            "",
            "Server error",
            id="the server fails",
        ),
    ],
)
def test_a_planted_fault_is_found(clevertap, path, operation, spoil, part, place, what):
    """A fault in the mock is told with its operation, its place and what would be right, and breaks the contract."""
    [check] = clevertap(path, spoil)
    report = Report([check])

    assert check.problem is None
    assert {found.operation for found in check.findings} == {operation}
    found = next(found for found in check.findings if what in found.message)
    assert (found.part, found.path) == (part, place)
    assert report.exit_code == BROKEN
    assert report.summary_rows()[0][:2] == ("clevertap, examples", "broken")
    assert any(what in " ".join(row) for row in report.finding_rows())
    assert what in "".join(ET.fromstring(report.to_junit()).itertext())


def test_a_mock_without_fault_holds(clevertap):
    """The same examples find nothing where nothing is spoiled."""
    report = Report(clevertap("/nowhere", None))

    assert report.finding_rows() == []
    assert report.exit_code == HOLDS


def test_a_deletion_that_does_not_delete_is_found(work):
    """Only the links know that what was taken away must be gone; all requests that lead there are told."""
    [check] = work(Shelf(keeps=True), phases=["stateful"])

    found = next(found for found in check.findings if "use_after_free" in found.message)
    assert found.operation in {"GET /things/{id}", "DELETE /things/{id}"}
    steps = [line.split()[2] for line in found.example.splitlines()]
    assert steps[0] == "POST"
    assert "DELETE" in steps
    assert Report([check]).exit_code == BROKEN


def test_a_deletion_that_deletes_holds(work):
    """The same server, doing as it should, has no finding in any phase."""
    checks = work(Shelf())

    assert [(check.findings, check.problem) for check in checks] == [((), None)] * 4
    assert [check.name for check in checks] == [f"shelf, {phase}" for phase in PHASES]
    assert all(check.cases for check in checks if check.name != "shelf, examples")


def test_a_fault_is_counted_and_shown_once(work):
    """However many cases meet a fault, it is one row, with how often it was met."""
    [check] = work(_always_500, phases=["coverage"])
    faults = {found.fault for found in check.findings}

    assert len(check.findings) > len(faults)
    assert len(Report([check]).finding_rows()) == len(faults)


def _always_500(environ, start_response):
    start_response("500 INTERNAL SERVER ERROR", [])
    return [b""]


def test_no_secret_is_told(clevertap):
    """How to see a fault again is told as a curl line, and the credentials in it are masked."""
    [check] = clevertap("/v1/connect", lambda status, answer: ("418 I'M A TEAPOT", answer))

    told = Report([check]).to_junit() + repr(check)
    assert "curl -X GET" in told
    assert "X-CleverTap-Passcode: [Filtered]" in told
    assert clevertap.secret not in told


def test_the_same_fault_is_found_over_sockets(work):
    """A server at an address is asked there, and never at the addresses that its document names."""
    listener = listen("127.0.0.1", 0)
    server = HttpServer(Shelf(keeps=True), listener)
    server.start()
    try:
        [check] = work(url=f"http://127.0.0.1:{listener.getsockname()[1]}", phases=["stateful"])
    finally:
        server.drain()

    assert any("use_after_free" in found.message for found in check.findings)


# The same again


def test_a_seed_fixes_the_cases(work):
    """The same seed gives the same requests, another seed others."""
    apps = {}
    for name, seed in (("once", 7), ("again", 7), ("other", 8)):
        apps[name] = Shelf()
        work(apps[name], seed=seed)

    assert apps["once"].requests == apps["again"].requests
    assert apps["once"].requests != apps["other"].requests


def test_only_the_phases_that_were_asked_for_are_worked(work):
    """Each phase has a check of its own, and no other is begun."""
    assert [check.name for check in work(Shelf(), phases=["fuzzing"])] == ["shelf, fuzzing"]


def test_who_listens_is_told_how_far_it_is(tmp_path):
    """Somebody who waits sees the phase and the number of cases grow."""
    told = []
    target = Target(name="shelf", document=write_document(tmp_path), app=Shelf())
    [check] = fuzz(target, Settings(file=FILE, phases=["coverage"]), lambda *news: told.append(news))

    assert told[-1] == ("coverage", check.cases)
    assert told == sorted(told)


def test_there_are_as_many_walks_as_wished_for(tmp_path):
    """A server that remembers leads a repeated walk elsewhere, where schemathesis gives up; then others are begun."""
    shelf, calls = Shelf(), count()

    def forgetful(environ, start_response):
        """Forget everything now and then."""
        if next(calls) % 7 == 6:
            shelf.forget()
        return shelf(environ, start_response)

    walks = []
    target = Target(name="shelf", document=write_document(tmp_path), app=forgetful)
    [check] = fuzz(
        target, Settings(file=FILE, max_examples=60, phases=["stateful"]), lambda phase, cases: walks.append(cases)
    )

    assert check.problem is None
    assert len(set(walks) - {0}) >= 60


# What hinders the search


def _says(problem):
    def prepare(schema):
        raise problem

    return prepare


def _adjust_fails(schema):
    def adjust(case):
        raise ArithmeticError("seven is not even")

    return adjust


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param({"document": {"openapi": "3.1.0", "paths": 7}}, "paths", id="a document that is none"),
        pytest.param({"document": {}}, "Open API version", id="no document at all"),
        pytest.param({"prepare": _says(UnpreparedServerError("no key"))}, "no key", id="nothing to begin with"),
        pytest.param({"prepare": _adjust_fails}, "seven is not even", id="cases that cannot be made right"),
        pytest.param({"app": None, "url": "http://127.0.0.1:9"}, "Connection refused", id="nobody there"),
    ],
)
def test_what_hinders_the_search_is_a_problem(work, given, said):
    """A search that could not be made does not hold, and says why; nothing is kept quiet."""
    checks = work(**{"app": Shelf(), "phases": ["coverage"], **given})

    assert any(said in (check.problem or "") for check in checks), checks
    assert Report(checks).exit_code == BROKEN


def test_what_adjusts_the_cases_goes_with_the_run(work):
    """For schemathesis a hook is there for all documents at once; afterwards it is gone."""
    before = list(schemathesis.hooks.get_all_by_name("before_call"))
    work(Shelf(), phases=["coverage"], prepare=_adjust_fails)

    assert schemathesis.hooks.get_all_by_name("before_call") == before


# In a shell


@pytest.mark.slow
@pytest.mark.parametrize("name", ["clevertap", "pipedrive"])
def test_the_shipped_settings_serve_a_shell(name, tmp_path):
    """`schemathesis run` with the shipped file finds nothing in a rig: it has the credentials, hooks and exceptions."""
    with serve(Config(port=0, deals=5)) as served:
        rig = served.describe()
        served.stack.clevertap.change_settings(rig["clevertap"]["account_id"], {"counts_ready_after": 2})
        variables = {
            f"{app}_{key}".upper(): value for app in ("clevertap", "pipedrive") for key, value in rig[app].items()
        }
        command = [str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(FILE), "run"]
        options = ["--phases", "examples,fuzzing,stateful", "--max-examples", "3", "--no-color"]
        ran = subprocess.run(
            [*command, f"{rig[name]['url']}/openapi.json", *options],
            env={**os.environ, **variables},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "✅ Stateful" in ran.stdout
    assert "Base URL:         http://127.0.0.1:" in ran.stdout
    assert rig["clevertap"]["passcode"] not in ran.stdout
