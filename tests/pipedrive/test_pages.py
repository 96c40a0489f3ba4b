"""The page of deals."""

import pytest

from mock_servers.pipedrive.app import build_app


@pytest.fixture
def browser(server):
    return build_app(server).test_client()


def test_deals_by_stage(browser, api):
    """Each open deal under its stage with person, value and owner."""
    api.data("POST", "/api/v2/persons", {"name": "Lena Ortiz"})
    api.data("POST", "/api/v2/deals", {"title": "Birch", "value": 5000, "person_id": 1, "stage_id": 2})
    api.data("POST", "/api/v2/deals", {"title": "Gone", "status": "lost"})
    text = browser.get("/").get_data(as_text=True)
    assert text.index("Contact Made") < text.index("Birch") < text.index("Demo Scheduled")
    assert all(part in text for part in ("Northlight", "Lena Ortiz", "£5,000", "Ada Moreau"))
    assert "Gone" not in text


def test_markup_stays_text(browser, api):
    """`<script>` in a deal title stays text everywhere. (ours)"""
    api.data("POST", "/api/v2/deals", {"title": "<script>alert(1)</script>"})
    text = browser.get("/").get_data(as_text=True)
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_a_long_stage_is_cut(browser, api):
    """A page never costs more than its rows: the newest fifty, and a word that there are more."""
    for number in range(51):
        api.data("POST", "/api/v2/deals", {"title": f"Deal-{number}."})
    text = browser.get("/").get_data(as_text=True)
    assert "Deal-50." in text
    assert "Deal-0." not in text
    assert "There are more" in text


def test_a_foreign_page_may_not_allow_an_app(browser, pipedrive):
    """A form on another site cannot press the button. (ours, D16)"""
    found = pipedrive.default_credentials()
    query = {"client_id": found["client_id"], "redirect_uri": found["redirect_uri"]}
    answer = browser.post("/oauth/authorize", query_string=query, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403


def test_everything_else_goes_to_the_api(browser, api):
    """What is no page is answered by the pipeline, through the same door."""
    assert browser.get("/v1/users/me").status_code == 401
    assert browser.get("/v1/users/me", headers=api.headers).get_json()["data"]["name"] == "Ada Moreau"
