"""The marker and the fixture `cassette`, in a project of somebody else."""

import os
import subprocess
import sys
import threading
from contextlib import closing

import pytest

from mock_servers.rig.serving import HttpServer, listen

TEST = """
import pytest
import requests

def ask():
    return requests.get("{url}/page", headers={{"X-Api-Token": "t0ken-of-4-tests"}}).text

@pytest.mark.cassette("page")
def test_marked():
    assert ask() == "hello"

def test_fixture(cassette):
    assert ask() == "hello"
    assert len(cassette) == 1
"""


@pytest.fixture
def service():
    """An address where somebody says hello, and how often."""
    calls = []

    def hello(environ, start_response):
        calls.append(threading.get_ident())
        start_response("200 OK", [("Content-Length", "5")])
        return [b"hello"]

    with closing(listen("127.0.0.1", 0)) as listener:
        server = HttpServer(hello, listener)
        server.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", calls
        server.drain()


@pytest.fixture
def project(tmp_path):
    """`project(*options)` runs the tests of a folder outside; gives what pytest said."""

    def run(*options, status=0):
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", *options]
        environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env=environment)
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


def test_tests_record_once_and_replay_ever_after(project, tmp_path, service):
    """The marker names the file, else the test does; by default nothing is asked of the service."""
    url, calls = service
    (tmp_path / "test_theirs.py").write_text(TEST.format(url=url))

    assert "There is no cassette" in project(status=1)
    project("--cassette-record-mode", "once")
    assert len(calls) == 2
    folder = tmp_path / "cassettes" / "test_theirs"
    assert sorted(path.name for path in folder.iterdir()) == ["page.yaml", "test_fixture.yaml"]
    assert "t0ken-of-4-tests" not in (folder / "page.yaml").read_text()

    assert "2 passed" in project()
    assert len(calls) == 2


def test_an_old_cassette_fails_with_its_name(project, tmp_path, service):
    """Instead of being recorded again in silence."""
    url, calls = service
    (tmp_path / "test_theirs.py").write_text(TEST.format(url=url))
    project("--cassette-record-mode", "once")
    page = tmp_path / "cassettes" / "test_theirs" / "page.yaml"
    page.write_text(page.read_text().replace("recorded_at: '20", "recorded_at: '19"))

    said = project("--fail-older-than", "30d", status=1)

    assert "page.yaml was recorded" in said
    assert "1 passed, 1 error" in said
    assert len(calls) == 2


def test_a_test_that_fails_leaves_no_cassette(project, tmp_path, service):
    """Half a recording would pass for a whole one."""
    url, _ = service
    (tmp_path / "test_theirs.py").write_text(TEST.format(url=url).replace('== "hello"', '== "bye"'))

    project("--cassette-record-mode", "once", status=1)

    assert not (tmp_path / "cassettes").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param(["--fail-older-than", "30"], "write a whole number and a unit, such as 30d", id="no age"),
        pytest.param(["--cassette-record-mode", "ever"], "invalid choice", id="no mode"),
    ],
)
def test_wrong_options_are_refused_before_any_test(project, options, said):
    """With what would be right."""
    assert said in project(*options, status=4)


def test_the_plugin_costs_nothing_until_used(project, tmp_path):
    """Neither vcrpy nor requests nor Flask is imported for tests without a cassette."""
    (tmp_path / "test_theirs.py").write_text(
        "import sys\n\ndef test_nothing():\n    assert not {'vcr', 'requests', 'flask'} & set(sys.modules)\n"
    )

    project("-p", "no:schemathesis", "-p", "no:hypothesispytest")
