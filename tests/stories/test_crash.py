"""Nothing accepted is ever lost, also on kill -9, and nothing runs twice unless that cannot be known."""

import json
import os
import select
import signal
import subprocess
import sys

import pytest
import requests

from mock_servers.config import Config
from mock_servers.rig.clock import Clock
from mock_servers.rig.database import DamagedDatabaseError
from mock_servers.rig.state_folder import Settings, StateFolder
from mock_servers.rig.transport import DirectAdapter, make_session
from mock_servers.stack import build_stack
from tests.stories.conftest import CleverTapDriver, PipedriveDriver, ZapierDriver

HOSTS = {".pipedrive.com": "pipedrive", ".clevertap.com": "clevertap", "hooks.zapier.com": "zapier"}


class Died(BaseException):
    """Stands for the end of the process: nothing catches it, so nothing more is stored."""


class Mortal(DirectAdapter):
    """Carries calls between the services, until it is told to die before or after one of them."""

    def __init__(self, hosts):
        super().__init__(hosts)
        self.calls, self.dies_at, self.dies_after_answer = [], None, False

    def send(self, request, *args, **kwargs):
        self.calls.append(f"{request.method} {request.path_url}")
        dies_now = len(self.calls) == self.dies_at
        if dies_now and not self.dies_after_answer:
            raise Died
        answer = super().send(request, *args, **kwargs)
        if dies_now:
            raise Died
        return answer


@pytest.fixture
def open_stack(tmp_path, at):
    """Opens the same state folder again and again, each time with a transport that can die."""
    opened = []

    def open_it():
        hosts = {}
        adapter = Mortal(hosts)
        config = Config(deals=0, state=tmp_path / "state")
        stack = build_stack(config, clock=Clock.frozen(at(0)), session=make_session(adapter))
        hosts.update({host: stack.servers[name] for host, name in HOSTS.items()})
        opened.append(stack)
        return stack, adapter

    yield open_it
    for stack in opened:
        stack.close()


PASSAGE = 7
"""Calls of one passage: delivery, deal, person, stages, pipelines, users, upload."""


@pytest.mark.parametrize("after_answer", [False, True], ids=["before the answer", "after the answer"])
@pytest.mark.parametrize("call", range(1, PASSAGE + 1))
def test_dying_at_any_call_loses_nothing_and_doubles_nothing(open_stack, ada, call, after_answer):
    """After a restart the one deal has its one run; an action is repeated only where the crash fell between its call
    and the answer, and then the run says so.
    """
    stack, adapter = open_stack()
    zap = ZapierDriver(stack).publish("stage_to_event")
    pipedrive = PipedriveDriver(stack)
    deal = pipedrive.add_deal(person=ada)
    pipedrive.move_deal(deal["id"], "Contact Made")
    adapter.calls.clear()
    adapter.dies_at, adapter.dies_after_answer = call, after_answer
    with pytest.raises(Died):
        stack.settle()
    stack.close()

    stack, adapter = open_stack()
    stack.settle()

    run = ZapierDriver(stack).the_run(zap)
    action = run["steps"][1]
    was_called = call == PASSAGE
    assert run["status"] == "success"
    assert ("unknown" in (action["note"] or "")) == was_called
    profile = CleverTapDriver(stack).profile("ada@example.com")
    assert profile["events"]["Deal Stage Changed"]["count"] == (2 if was_called and after_answer else 1)


def test_the_passage_has_as_many_calls_as_the_crashes_cover(open_stack, ada):
    """So that no call is left out above."""
    stack, adapter = open_stack()
    ZapierDriver(stack).publish("stage_to_event")
    pipedrive = PipedriveDriver(stack)
    pipedrive.move_deal(pipedrive.add_deal(person=ada)["id"], "Contact Made")
    adapter.calls.clear()
    stack.settle()
    assert len(adapter.calls) == PASSAGE
    assert adapter.calls[0].startswith("POST /hooks/")
    assert adapter.calls[-1] == "POST /1/upload"


def test_everything_is_there_again_after_an_ordinary_restart(open_stack, ada):
    """Deals, connections, Zaps, runs, profiles and credentials survive."""
    stack, _ = open_stack()
    zapier, pipedrive, clevertap = ZapierDriver(stack), PipedriveDriver(stack), CleverTapDriver(stack)
    zap = zapier.publish("new_deal_to_profile")
    deal = pipedrive.add_deal(person=ada)
    stack.settle()
    before = (zapier.show(zap), zapier.runs(zap), clevertap.profile("ada@example.com"), pipedrive.webhooks())
    stack.close()

    stack, _ = open_stack()
    zapier, pipedrive, clevertap = ZapierDriver(stack), PipedriveDriver(stack), CleverTapDriver(stack)
    assert (zapier.show(zap), zapier.runs(zap), clevertap.profile("ada@example.com"), pipedrive.webhooks()) == before
    assert pipedrive.call("GET", f"/api/v2/deals/{deal['id']}")["data"]["title"] == deal["title"]


@pytest.mark.parametrize("name", ["zapier", "pipedrive", "clevertap"])
@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda file: file.unlink(), id="missing"),
        pytest.param(lambda file: file.write_bytes(b""), id="empty"),
        pytest.param(lambda file: file.write_bytes(b"garbage" * 1000), id="garbage"),
        pytest.param(lambda file: file.write_bytes(file.read_bytes()[:4096] + b"x" * 90_000), id="garbage within"),
    ],
)
def test_a_folder_that_lost_a_database_is_not_begun_anew(open_stack, tmp_path, name, damage):
    """A company that silently starts again would leave Zaps that are on without a webhook."""
    stack, _ = open_stack()
    stack.close()
    damage(tmp_path / "state" / f"{name}.sqlite")
    with pytest.raises(DamagedDatabaseError, match="--state"):
        open_stack()


def test_a_beginning_that_was_broken_off_is_begun_again(open_stack, tmp_path):
    """Killed while the first databases were made, the rig makes the rest at the next start."""
    folder = StateFolder(tmp_path / "state")
    folder.write(Settings(random_seed=1, deals=0))
    folder.close()
    stack, _ = open_stack()
    assert ZapierDriver(stack).call("GET", "/api/zaps")["data"] == []


# A real process, really killed


def start(state):
    """`zaprig up` on free ports; `(process, what its ready line says)`."""
    command = [
        sys.executable,
        "-m",
        "mock_servers.cli",
        "up",
        "--json",
        "--port",
        "0",
        "--deals",
        "0",
        "--state",
        str(state),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    ready, _, _ = select.select([process.stdout], [], [], 30)
    line = process.stdout.readline() if ready else ""
    if not line:
        process.kill()
        raise AssertionError(f"no ready line: {process.stderr.read()}")
    return process, json.loads(line)


class Client:
    """Speaks to a served rig with plain requests."""

    def __init__(self, rig):
        self.rig = rig
        self.session = requests.Session()

    def call(self, server, method, path, body=None, **headers):
        answer = self.session.request(method, self.rig[server]["url"] + path, json=body, headers=headers, timeout=20)
        assert answer.ok, answer.text
        return answer.json()

    def pipedrive(self, method, path, body=None):
        return self.call("pipedrive", method, path, body, **{"x-api-token": self.rig["pipedrive"]["api_token"]})["data"]

    def profile(self, identity):
        account = self.rig["clevertap"]
        headers = {"X-CleverTap-Account-Id": account["account_id"], "X-CleverTap-Passcode": account["passcode"]}
        return self.call("clevertap", "GET", f"/1/profile.json?identity={identity}", **headers)["record"]

    def publish(self, document):
        account = {key: self.rig["clevertap"][key] for key in ("account_id", "passcode", "region")}
        token = {"api_token": self.rig["pipedrive"]["api_token"]}
        self.call("zapier", "POST", "/api/connections", {"app": "pipedrive", "fields": token})
        self.call("zapier", "POST", "/api/connections", {"app": "clevertap", "fields": account})
        zap = self.call("zapier", "POST", "/api/zaps", document)["id"]
        self.call("zapier", "POST", f"/api/zaps/{zap}/publish", {})
        return zap


@pytest.mark.slow
def test_kill_9_between_publish_and_delivery(tmp_path):
    """Killed right after each deal was accepted, and started again on other ports, the rig loses no deal, no profile
    and no run, and runs nothing twice.
    """
    from mock_servers.config import fixtures
    from mock_servers.rig.yaml_text import read_yaml

    document = read_yaml((fixtures() / "zaps" / "new_deal_to_profile.yaml").read_bytes())
    process, rig = start(tmp_path / "state")
    ports = set()
    try:
        zap = Client(rig).publish(document)
        for number in range(3):
            client = Client(rig)
            ports.add(rig["zapier"]["url"])
            emails = [{"value": f"ada{number}@example.com", "primary": True}]
            person = client.pipedrive("POST", "/api/v2/persons", {"name": "Ada", "emails": emails})
            client.pipedrive("POST", "/api/v2/deals", {"title": f"Deal {number}", "person_id": person["id"]})
            os.kill(process.pid, signal.SIGKILL)
            process.wait(10)
            process.stdout.close()
            process.stderr.close()
            process, rig = start(tmp_path / "state")
        client = Client(rig)
        client.call("zapier", "POST", "/_rig/settle", {})
        assert len(client.pipedrive("GET", "/api/v2/deals")) == 3
        assert all(client.profile(f"ada{number}@example.com") for number in range(3))
        runs = client.call("zapier", "GET", f"/api/zaps/{zap}/runs")["data"]
        assert [run["status"] for run in runs] == ["success"] * 3
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(15) == 0
    finally:
        process.kill()
        process.wait(10)
        process.stdout.close()
        process.stderr.close()
