"""A deal that reaches a stage sets off a campaign. (Guide, use case c; CleverTap's pages on webhooks)"""

import json
from contextlib import contextmanager
from datetime import timedelta

import pytest
import requests

from mock_servers.config import Config
from mock_servers.rig.serving import HttpServer, listen
from mock_servers.served import serve
from tests.stories.conftest import CleverTapDriver, PipedriveDriver, ZapierDriver


class Endpoint:
    """Somebody's own server, which CleverTap is told to call: a WSGI app that keeps what it is sent."""

    def __init__(self):
        self.received = []
        self.statuses = []

    def __call__(self, environ, start_response):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        self.received.append((environ["REQUEST_METHOD"], environ["PATH_INFO"], json.loads(body)))
        status = self.statuses.pop(0) if self.statuses else "200 OK"
        start_response(status, [("Content-Length", "0")])
        return [b""]

    @contextmanager
    def served(self):
        listener = listen("127.0.0.1", 0)
        server = HttpServer(self, listener)
        server.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/campaigns"
        finally:
            server.drain(5)


class Served:
    """The drivers' way to a rig on sockets: the same calls by the addresses of this machine."""

    def __init__(self, rig):
        self.rig = rig
        self.pipedrive, self.clevertap = rig.stack.pipedrive, rig.stack.clevertap
        self.session = requests.Session()

    def driver(self, kind, server):
        driver = kind(self)
        driver.base = self.rig.addresses[server]
        return driver


@pytest.fixture
def endpoint():
    return Endpoint()


@pytest.fixture
def world(endpoint):
    """Drivers of a rig on free ports, and the address of the endpoint."""
    with endpoint.served() as address, serve(Config(port=0, deals=0)) as rig:
        served = Served(rig)
        with served.session:
            yield (
                rig.stack,
                served.driver(PipedriveDriver, "pipedrive"),
                served.driver(ZapierDriver, "zapier"),
                served.driver(CleverTapDriver, "clevertap"),
                address,
            )


def add_campaign(clevertap, **wishes):
    account_id = clevertap.headers()["X-CleverTap-Account-Id"]
    clevertap.call("POST", f"/_rig/accounts/{account_id}/campaigns", wishes)
    return lambda: clevertap.call("GET", f"/_rig/accounts/{account_id}/outbox")["data"]


def test_a_deal_in_negotiation_sets_off_the_campaign(world, endpoint, ada):
    """The webhook tells deal value, expected close date and stage; other stages set nothing off. (Use case c)"""
    stack, pipedrive, zapier, clevertap, address = world
    stage = {"name": "Stage", "operator": "equals", "value": "Negotiations Started"}
    outbox = add_campaign(clevertap, name="Nego", event_name="Deal Stage Changed", where=[stage], url=address)
    zapier.publish("stage_to_event")
    deal = pipedrive.add_deal(title="Red bicycle", value=300, person=ada, expected_close_date="2026-12-24")
    stack.settle()

    pipedrive.move_deal(deal["id"], "Demo Scheduled")
    stack.settle()
    assert endpoint.received == []
    pipedrive.move_deal(deal["id"], "Negotiations Started")
    stack.settle()

    [(method, path, sent)] = endpoint.received
    assert (method, path) == ("POST", "/campaigns")
    [profile] = sent["profiles"]
    assert profile["identity"] == "ada@example.com"
    properties = profile["event_properties"]
    assert properties["Deal Value"] == 300
    assert properties["Expected Close Date"] == "2026-12-24"
    assert properties["Stage"] == "Negotiations Started"
    assert [entry["state"] for entry in outbox()] == ["sent", "skipped"]
    assert "Stage is 'Demo Scheduled'" in outbox()[1]["reason"]


def test_an_endpoint_that_is_down_is_called_again(world, endpoint, ada):
    """A failed call is tried again by the clock, and then counted as sent. (Webhooks; documented)"""
    stack, pipedrive, zapier, clevertap, address = world
    endpoint.statuses = ["503 Service Unavailable", "500 Internal Server Error"]
    outbox = add_campaign(clevertap, name="Any", event_name="Deal Stage Changed", url=address)
    zapier.publish("stage_to_event")
    deal = pipedrive.add_deal(person=ada)
    stack.settle()
    pipedrive.move_deal(deal["id"], "Demo Scheduled")
    stack.settle()
    assert [entry["state"] for entry in outbox()] == ["scheduled"]

    stack.dispatcher.advance(timedelta(minutes=5))

    [entry] = outbox()
    assert (entry["state"], [attempt["status"] for attempt in entry["attempts"]]) == ("sent", [503, 500, 200])
