"""The pages in the browser show what the API knows."""

import re

import pytest


def test_an_empty_account(browser, caller):
    """The page says which account it is, and that there is nothing yet."""
    page = browser.get("/")
    assert page.status_code == 200
    assert caller.account_id in page.text
    assert "No profiles yet" in page.text
    assert "No events yet" in page.text
    assert caller.passcode not in page.text


def test_newest_profiles_and_events(browser, caller):
    """Name, identity, e-mail, times; what happened, to whom, with which properties. (Guide, step 8)"""
    caller.upload(
        {"type": "profile", "identity": "u-1", "profileData": {"Name": "Ada", "Email": "ada@example.com"}},
        {"type": "event", "objectId": "__a", "evtName": "Stage Changed", "evtData": {"Stage": "Won"}, "ts": 1700000000},
    )
    text = browser.get("/").text
    for shown in ("Ada", "u-1", "ada@example.com", "2026-11-02 09:30:00 UTC", "Stage Changed", "__a"):
        assert shown in text
    assert "2023-11-14 22:13:20 UTC" in text
    assert "Won" in text


def test_what_people_type_stays_text(browser, caller):
    """A script in a name is shown, not run; the name of an event or a property loses its brackets before. (2.5)"""
    evil = "<script>alert(1)</script>"
    caller.upload(
        {"type": "profile", "identity": evil, "profileData": {"Name": evil}},
        {"type": "event", "identity": evil, "evtName": evil, "evtData": {evil: evil}, "$source": evil},
    )
    text = browser.get("/").text
    assert evil not in text
    assert text.count("&lt;script&gt;") == 5, "name, identity, who, source and value"
    assert text.count("scriptalert(1)/script") == 2, "the names of the event and of its property"


def test_tables_stay_readable(browser, caller):
    """Times and ids never break, only cells of long text do, and a table scrolls in its card, not the page.

    One long title once broke ids and values in two, and names one letter a line.
    """
    caller.upload({"type": "event", "objectId": "__" + "a" * 30, "evtName": "x" * 500, "evtData": {"a": "b" * 500}})
    text = browser.get("/").text
    assert text.count("<table>") == text.count('<div class="scroll">') == 2
    assert '<td class="text">' + "x" * 500 in text
    assert f'<code class="nowrap">{"__" + "a" * 30}</code>' in text
    style = text[text.index("<style>") : text.index("</style>")]
    assert re.search(r"\n\.scroll \{[^}]*overflow-x: auto", style)
    assert re.search(r"\ntd\.text \{[^}]*min-width: \d+rem;[^}]*overflow-wrap: anywhere", style)
    assert not re.search(r"\n(th, )?td \{[^}]*overflow-wrap", style)


def test_lists_are_paged(browser, caller, clevertap):
    """A list costs its page; the rest is behind a link."""
    now = clevertap.now()
    for batch in range(3):
        caller.upload(
            *({"type": "event", "identity": f"u-{batch}-{n}", "evtName": f"Did {batch}-{n}"} for n in range(10))
        )
    first = browser.get("/").text
    assert "u-2-9" in first
    assert "Did 0-9" not in first
    older = browser.get(f"/?account={caller.account_id}&events_before={now}-11&profiles_before=11").text
    assert "Did 0-9" in older
    assert "Did 1-0" not in older
    assert f"events_before={now}-11" in first
    assert "profiles_before=11" in first
    assert "Older events" not in older


def test_events_are_listed_by_their_own_time(browser, caller):
    """An event that arrives late stands where it happened, and a link leads past it. (Ours)"""
    caller.upload(
        *({"type": "event", "identity": "u", "evtName": f"Did {n:02}", "ts": 1_700_000_000 - n} for n in range(22))
    )
    first = browser.get("/").text
    shown = re.findall(r"Did (\d\d)", first)
    assert shown == [f"{n:02}" for n in range(20)]
    [link] = re.findall(r'href="(/\?[^"]*events_before=[^"#]*)', first)
    assert re.findall(r"Did (\d\d)", browser.get(link.replace("&amp;", "&")).text) == ["20", "21"]


def test_another_account_is_a_link_away(browser, caller, newcomer):
    """Each account has its own page."""
    newcomer.upload({"type": "profile", "identity": "only-in-india"})
    assert f"/?account={newcomer.account_id}" in browser.get("/").text
    assert "only-in-india" not in browser.get("/").text
    assert "only-in-india" in browser.get(f"/?account={newcomer.account_id}").text


@pytest.mark.parametrize(
    ("address", "status"),
    [
        pytest.param("/?account=nobody", 404, id="an unknown account"),
        pytest.param("/?events_before=x&profiles_before=-1", 200, id="cursors of nonsense"),
        pytest.param("/?events_before=99999999999999999999", 200, id="a cursor beyond every id"),
        pytest.param("/?events_before=5&profiles_before=5", 200, id="half a place of an event"),
        pytest.param("/?events_before=9-9-9", 200, id="more than a place of an event"),
        pytest.param("/?profiles_before=999999999999999999", 200, id="a very large id"),
    ],
)
def test_odd_addresses(browser, address, status):
    """A page never breaks."""
    assert browser.get(address).status_code == status


def test_pages_answer_only_to_our_own_names(browser):
    """A page of another site must not read the rig under its own name. (Design D16)"""
    assert browser.get("/", headers={"Host": "evil.example"}).status_code == 403


def test_the_api_is_served_through_the_same_app(browser, caller):
    """Content type as recorded. (Recorded traffic; observed)"""
    headers = {"X-CleverTap-Account-Id": caller.account_id, "X-CleverTap-Passcode": caller.passcode}
    answer = browser.post("/1/upload", json={"d": []}, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json;charset=utf-8"
    assert browser.post("/", headers=headers).status_code == 405
