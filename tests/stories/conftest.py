"""A whole stack in process, and drivers that do what a person does."""

from collections.abc import Mapping
from typing import Any

import pytest

from mock_servers.config import Config, fixtures
from mock_servers.rig.clock import Clock
from mock_servers.rig.yaml_text import read_yaml
from mock_servers.stack import build_stack


@pytest.fixture
def stack(at):
    """Three services, no socket, a frozen clock, an empty company."""
    with build_stack(Config(deals=0), clock=Clock.frozen(at(0))) as made:
        yield made


class Driver:
    """Calls one server's API by its real host name; a refusal is an AssertionError with the answer."""

    base = ""

    def __init__(self, stack):
        self.stack = stack

    def headers(self) -> Mapping[str, str]:
        return {}

    def ask(self, method: str, path: str, body: Any = None, **wanted: Any):
        headers = {"content-type": "application/json", **self.headers()}
        return self.stack.session.request(method, f"{self.base}{path}", json=body, headers=headers, **wanted)

    def call(self, method: str, path: str, body: Any = None, **wanted: Any) -> Any:
        answer = self.ask(method, path, body, **wanted)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()


class PipedriveDriver(Driver):
    base = "https://api.pipedrive.com"

    def headers(self):
        return {"x-api-token": self.stack.pipedrive.default_credentials()["api_token"]}

    def add_deal(self, *, person: Mapping[str, Any] | None = None, **deal: Any) -> dict[str, Any]:
        """A new deal, with a new person if one is described."""
        if person is not None:
            fields = {"name": person["name"], "emails": [], "phones": []}
            for key in ("email", "phone"):
                if key in person:
                    fields[f"{key}s"] = [{"value": person[key], "primary": True, "label": "work"}]
            deal["person_id"] = self.call("POST", "/api/v2/persons", fields)["data"]["id"]
        return self.call("POST", "/api/v2/deals", {"title": "A deal", **deal})["data"]

    def update_deal(self, id: int, **fields: Any) -> dict[str, Any]:
        return self.call("PATCH", f"/api/v2/deals/{id}", fields)["data"]

    def move_deal(self, id: int, stage: str) -> dict[str, Any]:
        return self.update_deal(id, stage_id=self.stage_id(stage))

    def stage_id(self, name: str) -> int:
        stages = self.call("GET", "/api/v2/stages")["data"]
        return next(stage["id"] for stage in stages if stage["name"] == name)

    def webhooks(self) -> list[dict[str, Any]]:
        return self.call("GET", "/v1/webhooks")["data"]


class CleverTapDriver(Driver):
    base = "https://eu1.api.clevertap.com"

    def headers(self):
        account = self.stack.clevertap.default_credentials()
        return {"X-CleverTap-Account-Id": account["account_id"], "X-CleverTap-Passcode": account["passcode"]}

    def profile(self, identity: str) -> dict[str, Any] | None:
        return self.call("GET", "/1/profile.json", params={"identity": identity})["record"]

    def events(self, name: str) -> list[dict[str, Any]]:
        query = {"event_name": name, "from": 20000101, "to": 29991231}
        cursor = self.call("POST", "/1/events.json", query)["cursor"]
        return self.call("GET", f"/1/events.json?cursor={cursor}")["records"]


class ZapierDriver(Driver):
    base = "https://hooks.zapier.com"

    def connect_both(self) -> None:
        """Connect Pipedrive by API token and CleverTap by Account ID, passcode and region."""
        token = self.stack.pipedrive.default_credentials()["api_token"]
        self.call("POST", "/api/connections", {"app": "pipedrive", "fields": {"api_token": token}})
        account = self.stack.clevertap.default_credentials()
        self.call("POST", "/api/connections", {"app": "clevertap", "fields": account})

    def create(self, name: str, **changes: Any) -> int:
        """One of the ready Zaps as a draft; `by` changes how it is triggered."""
        document = read_yaml((fixtures() / "zaps" / f"{name}.yaml").read_bytes())
        if "by" in changes:
            document["trigger"]["by"] = changes.pop("by")
        document["steps"][0]["fields"] |= changes.pop("fields", {})
        return self.call("POST", "/api/zaps", {**document, **changes})["id"]

    def publish(self, name: str, **changes: Any) -> int:
        """Create and publish one of the ready Zaps; connects both accounts if none is."""
        if not self.call("GET", "/api/connections")["data"]:
            self.connect_both()
        id = self.create(name, **changes)
        self.call("POST", f"/api/zaps/{id}/publish", {})
        return id

    def show(self, id: int) -> dict[str, Any]:
        return self.call("GET", f"/api/zaps/{id}")

    def runs(self, id: int) -> list[dict[str, Any]]:
        """The runs of a Zap with their steps, oldest first."""
        runs = self.call("GET", f"/api/zaps/{id}/runs")["data"]
        return [self.call("GET", f"/api/runs/{run['id']}") for run in reversed(runs)]

    def the_run(self, id: int) -> dict[str, Any]:
        [run] = self.runs(id)
        return run


@pytest.fixture
def pipedrive(stack):
    return PipedriveDriver(stack)


@pytest.fixture
def clevertap(stack):
    return CleverTapDriver(stack)


@pytest.fixture
def zapier(stack):
    return ZapierDriver(stack)


@pytest.fixture
def ada():
    return {"name": "Ada Moreau", "email": "ada@example.com", "phone": "+44 20 7946 0958"}
