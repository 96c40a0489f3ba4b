"""What happens while a call is on its way: no lock is held, so anything may."""

import pytest

from mock_servers.config import Config
from mock_servers.rig.clock import Clock
from mock_servers.rig.transport import DirectAdapter, make_session
from mock_servers.stack import build_stack
from tests.stories.conftest import PipedriveDriver, ZapierDriver

HOSTS = {".pipedrive.com": "pipedrive", ".clevertap.com": "clevertap", "hooks.zapier.com": "zapier"}


class Interrupted(DirectAdapter):
    """Carries calls between the services, and does something before the first that fits."""

    def __init__(self, hosts):
        super().__init__(hosts)
        self._wanted, self._action = None, None

    def before(self, method, path, action):
        self._wanted, self._action = (method, path), action

    def send(self, request, *args, **kwargs):
        if self._wanted and request.method == self._wanted[0] and self._wanted[1] in request.url:
            action, self._wanted = self._action, None
            action()
        return super().send(request, *args, **kwargs)


@pytest.fixture
def transport():
    return Interrupted({})


@pytest.fixture
def stack(at, transport):
    with build_stack(Config(deals=0), clock=Clock.frozen(at(0)), session=make_session(transport)) as made:
        transport._hosts.update({host: made.servers[name] for host, name in HOSTS.items()})
        yield made


@pytest.fixture
def zapier(stack):
    driver = ZapierDriver(stack)
    driver.connect_both()
    return driver


@pytest.fixture
def pipedrive(stack):
    return PipedriveDriver(stack)


def test_an_edit_while_publishing_stays_a_draft(transport, zapier):
    """What is published is what was there when *Publish* was pressed; the later edit is not lost."""
    zap = zapier.create("new_deal_to_profile")
    edit = lambda: zapier.call("PATCH", f"/api/zaps/{zap}", {"title": "Edited meanwhile"})  # noqa: E731
    transport.before("POST", "/v1/webhooks", edit)
    published = zapier.call("POST", f"/api/zaps/{zap}/publish", {})
    assert (published["version"], published["has_draft"], published["title"]) == (1, True, "Edited meanwhile")


def test_a_second_publish_meanwhile_is_refused(transport, zapier, pipedrive):
    """So that no hook is subscribed twice."""
    zap = zapier.create("new_deal_to_profile")
    answers = []
    publish = lambda: answers.append(zapier.ask("POST", f"/api/zaps/{zap}/publish", {}))  # noqa: E731
    transport.before("POST", "/v1/webhooks", publish)
    zapier.call("POST", f"/api/zaps/{zap}/publish", {})
    assert (answers[0].status_code, answers[0].json()["error"]["code"]) == (409, "busy")
    assert len(pipedrive.webhooks()) == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("GET", "/api/v2/deals/", id="while its delivery is read"),
        pytest.param("POST", "/1/upload", id="while its action is called"),
    ],
)
def test_a_zap_deleted_while_it_runs_leaves_nothing_behind(stack, transport, zapier, pipedrive, ada, method, path):
    """The job ends quietly, and no run of a Zap that is gone is kept."""
    zap = zapier.publish("new_deal_to_profile")
    pipedrive.add_deal(person=ada)
    transport.before(method, path, lambda: zapier.call("DELETE", f"/api/zaps/{zap}"))
    stack.settle()
    assert zapier.call("GET", "/api/runs")["data"] == []
    assert zapier.call("POST", "/_rig/settle", {}) == {"jobs_worked": 0, "set_aside": []}


def test_a_reset_while_publishing_is_said(stack, transport, zapier, pipedrive):
    """Zapier was reset while the hook was subscribed: publishing answers that there is no such Zap."""
    zap = zapier.create("new_deal_to_profile")
    transport.before("POST", "/v1/webhooks", lambda: stack.zapier.reset())
    assert zapier.ask("POST", f"/api/zaps/{zap}/publish", {}).status_code == 404


def test_turned_off_while_polling_fires_nothing(stack, transport, zapier, pipedrive, ada):
    """What a poll brings after the Zap was turned off is not for it any more."""
    zap = zapier.publish("new_deal_to_profile", by="polling")
    pipedrive.add_deal(person=ada)
    off = lambda: zapier.call("POST", f"/api/zaps/{zap}/off", {})  # noqa: E731
    transport.before("GET", "/api/v2/deals?", off)
    stack.advance(minutes=15)
    assert zapier.runs(zap) == []
    assert zapier.show(zap)["state"] == "off"
