"""CleverTap's guide *Pipedrive via Zapier*, played against a served rig over HTTP as a person and a browser would.

Each method is one step and returns what the person would see; nothing here prints.
"""

import html
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urljoin

import requests

from ..config import fixtures
from ..rig.transport import make_session
from ..rig.yaml_text import read_yaml

TIMEOUT_SECONDS = 30


class GuideError(Exception):
    """A step did not go as the guide says."""


class Guide:
    """One reader of the guide. `rig` is what `zaprig up --json` prints."""

    def __init__(self, rig: Mapping[str, Any]):
        from requests.adapters import HTTPAdapter

        self.rig = rig
        self._session = make_session(HTTPAdapter())
        self.passcode = ""

    # CleverTap

    def create_passcode(self) -> dict[str, Any]:
        """Step 1. CleverTap dashboard: create a passcode."""
        account = self.rig["clevertap"]["account_id"]
        made = self._call("clevertap", "POST", f"/_rig/accounts/{account}/passcodes", {"name": "Zapier"})
        self.passcode = made["passcode"]
        return made

    def read_profile(self, identity: str) -> dict[str, Any] | None:
        """Step 8. CleverTap dashboard: find the profile; None if there is none."""
        answer = self._clevertap("GET", f"/1/profile.json?{urlencode({'identity': identity})}")
        record: dict[str, Any] | None = answer["record"]
        return record

    def read_events(self, name: str, identity: str) -> list[dict[str, Any]]:
        """Step 8. CleverTap dashboard: the events of one name of one user, oldest first."""
        query = {"event_name": name, "from": 20000101, "to": 29991231}
        page = self._clevertap("POST", "/1/events.json?batch_size=1000", query)
        events, cursor = [], page["cursor"]
        while cursor is not None:
            page = self._clevertap("GET", f"/1/events.json?cursor={cursor}")
            events += [event for event in page["records"] if event["profile"].get("identity") == identity]
            cursor = page.get("next_cursor")
        return events

    def _clevertap(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        headers = {
            "X-CleverTap-Account-Id": self.rig["clevertap"]["account_id"],
            "X-CleverTap-Passcode": self.passcode,
        }
        return self._call("clevertap", method, path, body, headers=headers)

    def add_campaign(self, event: str, stage: str) -> dict[str, Any]:
        """Use case c. A campaign that an event with this stage sets off; it only notes what it would send."""
        wishes = {
            "name": f"Deals in {stage}",
            "event_name": event,
            "where": [{"name": "Stage", "operator": "equals", "value": stage}],
            "channel": "log",
        }
        return self._clevertap("POST", f"{self._account_path}/campaigns", wishes)

    def newest_dispatch(self) -> dict[str, Any]:
        """What a campaign sent last, or noted. Raises `GuideError` if there is nothing."""
        sent: list[dict[str, Any]] = self._clevertap("GET", f"{self._account_path}/outbox?limit=1")["data"]
        if not sent:
            raise GuideError("The event set off no campaign.")
        return sent[0]

    @property
    def _account_path(self) -> str:
        return f"/_rig/accounts/{self.rig['clevertap']['account_id']}"

    # Zapier

    def create_zap(self, name: str) -> dict[str, Any]:
        """Step 2. *+ Create Zap* from one of the ready files."""
        document = read_yaml((fixtures() / "zaps" / f"{name}.yaml").read_bytes())
        return self._call("zapier", "POST", "/api/zaps", document)

    def sign_in_to_pipedrive(self) -> str:
        """Step 2. Account: sign in to Pipedrive; returns the connection's title."""
        wish = {"app": "pipedrive", "type": "oauth2"}
        authorize_url = self._call("zapier", "POST", "/api/connections", wish)["authorize_url"]
        page = self._session.get(authorize_url, timeout=TIMEOUT_SECONDS)
        if not page.ok:
            raise GuideError(f"The sign-in page answered with HTTP {page.status_code}.")
        action, fields = read_form(page.text)
        back = self._session.post(
            urljoin(authorize_url, action), data=fields, timeout=TIMEOUT_SECONDS, allow_redirects=False
        )
        arrived = self._session.get(back.headers["location"], timeout=TIMEOUT_SECONDS)
        if not arrived.ok:
            raise GuideError(f"The sign-in came back with HTTP {arrived.status_code}.")
        return self._newest_connection("pipedrive")

    def connect_clevertap(self) -> str:
        """Step 4. Account: Account ID, passcode, region; the connection is tested. Returns its title."""
        account = self.rig["clevertap"]
        fields = {"account_id": account["account_id"], "passcode": self.passcode, "region": account["region"]}
        made = self._call("zapier", "POST", "/api/connections", {"app": "clevertap", "fields": fields})
        return str(made["title"])

    def _newest_connection(self, app: str) -> str:
        connections = self._call("zapier", "GET", "/api/connections")["data"]
        return str([each["title"] for each in connections if each["app"] == app][-1])

    def test_trigger(self, zap: int) -> list[dict[str, Any]]:
        """Step 3. *Test trigger* pulls records."""
        records: list[dict[str, Any]] = self._call("zapier", "POST", f"/api/zaps/{zap}/test-trigger", {})["data"]
        return records

    def select_record(self, zap: int, record: str) -> None:
        """Step 3. *Continue with selected record*."""
        self._call("zapier", "POST", f"/api/zaps/{zap}/select-record", {"record_id": record})

    def test_step(self, zap: int) -> dict[str, Any]:
        """Step 6. *Test step*: the action really runs."""
        tested = self._call("zapier", "POST", f"/api/zaps/{zap}/steps/2/test", {})
        if tested["status"] != "success":
            raise GuideError(f"Test step: {tested['error']['message']}")
        return tested

    def publish(self, zap: int) -> dict[str, Any]:
        """Step 6. *Publish*."""
        return self._call("zapier", "POST", f"/api/zaps/{zap}/publish", {})

    def settle(self) -> None:
        """Wait until every delivery and run is done."""
        self._call("zapier", "POST", "/_rig/settle", {})

    def newest_run(self, zap: int) -> dict[str, Any]:
        """The newest run of a Zap with its steps. Raises `GuideError` if there is none or it failed."""
        runs = self._call("zapier", "GET", f"/api/zaps/{zap}/runs", params={"limit": 1})["data"]
        if not runs:
            raise GuideError(f"Zap {zap} did not run.")
        run = self._call("zapier", "GET", f"/api/runs/{runs[0]['id']}")
        if run["status"] != "success":
            reasons = "; ".join(step["error"]["message"] for step in run["steps"] if step["error"])
            raise GuideError(f"Zap {zap}: the run ended as {run['status']}: {reasons}")
        return run

    # Pipedrive

    def add_deal(self, person: Mapping[str, str], deal: Mapping[str, Any]) -> dict[str, Any]:
        """Step 7. Somebody makes a new deal with a new person; returns the deal."""
        made = self._pipedrive(
            "POST",
            "/api/v2/persons",
            {
                "name": person["name"],
                "emails": [{"value": person["email"], "primary": True, "label": "work"}],
                "phones": [{"value": person["phone"], "primary": True, "label": "work"}],
            },
        )
        added: dict[str, Any] = self._pipedrive("POST", "/api/v2/deals", {**deal, "person_id": made["id"]})
        return added

    def move_deal(self, deal: int, stage: int) -> dict[str, Any]:
        """Step 7. Somebody moves the deal to another stage; returns the deal."""
        moved: dict[str, Any] = self._pipedrive("PATCH", f"/api/v2/deals/{deal}", {"stage_id": stage})
        return moved

    def stages(self) -> dict[int, str]:
        """The stages' names by their id, in their order."""
        stages = self._pipedrive("GET", "/api/v2/stages?sort_by=order_nr")
        return {stage["id"]: stage["name"] for stage in stages}

    def _pipedrive(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"x-api-token": self.rig["pipedrive"]["api_token"]}
        return self._call("pipedrive", method, path, body, headers=headers)["data"]

    def _call(self, server: str, method: str, path: str, body: Any = None, **wanted: Any) -> dict[str, Any]:
        url = f"{self.rig[server]['url']}{path}"
        try:
            answer = self._session.request(method, url, json=body, timeout=TIMEOUT_SECONDS, **wanted)
            parsed: dict[str, Any] = answer.json()
        except (requests.RequestException, ValueError) as problem:
            raise GuideError(f"{method} {url}: {problem}") from problem
        if not answer.ok:
            raise GuideError(f"{method} {url} was refused: {parsed.get('error')}")
        return parsed


def read_form(page: str) -> tuple[str, dict[str, str]]:
    """The one form of a page, as a browser would send it: `(action, fields)`."""
    form = re.search(r"<form\b[^>]*>.*?</form>", page, re.DOTALL)
    if form is None:
        raise GuideError("The page has no form to press a button in.")
    fields = {}
    for tag in re.findall(r"<(?:input|button)\b[^>]*>", form[0]):
        attributes = {name: html.unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', tag)}
        if "name" in attributes:
            fields[attributes["name"]] = attributes.get("value", "")
    action = re.search(r'<form\b[^>]*\baction="([^"]*)"', form[0])
    return html.unescape(action[1]) if action else "", fields


# What must have arrived


def compare_profile(profile: Mapping[str, Any] | None, expected: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """`(name, expected, found)` of every property; system properties are members of the profile itself."""
    found = profile or {}
    custom = found.get("profileData", {})
    system = {"Name": "name", "Email": "email", "Phone": "phone"}
    return [
        (name, value, found.get(system[name]) if name in system else custom.get(name))
        for name, value in expected.items()
    ]


def object_id_of(profile: Mapping[str, Any] | None) -> str:
    """The CleverTap ID of a profile; empty without one."""
    return str(profile["platformInfo"][0]["objectId"]) if profile else ""
