"""The pages in the browser show what the API knows: what all of them have in common, and the overview."""

import re

import pytest

from mock_servers.clevertap.app import build_app
from mock_servers.clevertap.pages import PAGES

EVIL = "<script>alert(1)</script>"
QUOTE = '"><img/src=x/onerror=alert(1)>'


def test_the_server_knows_all_pages(server):
    """What Flask serves is what the server calls pages; all else is the API's."""
    served = {rule.rule for rule in build_app(server).url_map.iter_rules()}
    assert served == server.pages == set(PAGES)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        pytest.param("/", "No profiles yet. The first upload to /1/upload makes one:", id="overview, profiles"),
        pytest.param("/", "No events yet. An upload of the type event", id="overview, events"),
        pytest.param("/", "No uploads yet", id="overview, uploads"),
        pytest.param("/people", "No profiles yet. An upload makes one: curl http://localhost/1/upload", id="people"),
        pytest.param("/people?q=ada", "Nobody has the identity, e-mail, phone or CleverTap ID ada.", id="search"),
        pytest.param("/events", "No events yet. An upload adds one: curl", id="events"),
        pytest.param("/uploads", "No uploads yet. This would be the first: curl", id="uploads"),
        pytest.param("/errors", "No errors.", id="errors"),
        pytest.param("/campaigns", "No campaigns yet. A campaign waits for an event", id="campaigns"),
        pytest.param("/campaigns", "Nothing yet. Each event that a campaign waits for", id="outbox"),
        pytest.param("/settings", "Most calls at once none yet", id="settings"),
    ],
)
def test_an_empty_account(look, caller, address, words):
    """Each page says which account it is about, that there is nothing yet, and what to do."""
    page = look(address)
    assert caller.account_id in page.words
    assert words in page.words
    assert caller.passcode not in page.html


@pytest.mark.parametrize(
    "address", ["/people?before=0", "/uploads?before=0", "/errors?before=0", "/campaigns?before=0"]
)
def test_beyond_the_end_of_a_list(look, address):
    """Where nothing older is, a link leads back."""
    page = look(address)
    assert "There are no older" in page.words
    assert any(label.startswith("Newest") for label in page.labels)


def test_the_navigation_keeps_the_account(look, newcomer):
    """Every page leads to all others of the same account, and says where one is."""
    start = f"/?account={newcomer.account_id}"
    addresses = [address for _, address in look(start).links if address.endswith(f"?account={newcomer.account_id}")]
    assert [address.partition("?")[0] for address in addresses[:7]] == [path for path in PAGES if path != "/profile"]
    for address in addresses:
        page = look(address)
        assert newcomer.account_id in page.words
        assert re.findall(r'href="([^"]*)" aria-current="page"', page.html) == [address]


def test_another_account_is_a_link_away(look, caller, newcomer):
    """Each account has its own pages."""
    newcomer.upload({"type": "profile", "identity": "only-in-india"})
    page = look("/")
    assert "only-in-india" not in page.words
    assert "only-in-india" in look(page.link(f"{newcomer.account_id} (in1)")).words


@pytest.mark.parametrize("path", PAGES)
def test_an_unknown_account_is_a_404(look, path):
    """It says so in words, and leads back to where there is something."""
    page = look(f"{path}?account=nobody{EVIL}", 404)
    assert f"There is no account nobody{EVIL}." in page.words
    look(page.link("Overview"))


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("/?events_before=x&profiles_before=-1", id="cursors of nonsense"),
        pytest.param("/?events_before=99999999999999999999", id="a cursor beyond every id"),
        pytest.param("/?events_before=5&profiles_before=5", id="half a place of an event"),
        pytest.param("/?events_before=9-9-9", id="more than a place of an event"),
        pytest.param("/?profiles_before=999999999999999999", id="a very large id"),
        pytest.param("/people?before=%00&q=%ff", id="letters that are none"),
        pytest.param(f"/people?q={'x' * 5000}", id="a very long search"),
        pytest.param("/uploads?before=x", id="an upload of nonsense"),
        pytest.param("/events?after=%F0%9F%98%80", id="a name after all others"),
    ],
)
def test_odd_addresses(look, address):
    """A page never breaks."""
    look(address)


def test_pages_answer_only_to_our_own_names(browser):
    """A page of another site must not read the rig under its own name. (Design D16)"""
    for path in PAGES:
        assert browser.get(path, headers={"Host": "evil.example"}).status_code == 403


def test_the_api_is_served_through_the_same_app(browser, caller):
    """Content type as recorded. (Recorded traffic; observed)"""
    headers = {"X-CleverTap-Account-Id": caller.account_id, "X-CleverTap-Passcode": caller.passcode}
    answer = browser.post("/1/upload", json={"d": []}, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json;charset=utf-8"
    for path in PAGES:
        assert browser.post(path, headers=headers).status_code == 405, "pages change nothing"


# The overview


def test_newest_profiles_events_and_uploads(look, caller):
    """Name, identity, e-mail, times; what happened, to whom, with what; how uploads went. (Guide, step 8)"""
    caller.upload(
        {"type": "profile", "identity": "u-1", "profileData": {"Name": "Ada", "Email": "ada@example.com"}},
        {"type": "event", "objectId": "__a", "evtName": "Stage Changed", "evtData": {"Stage": "Won"}, "ts": 1700000000},
        {"type": "event"},
    )
    words = look("/").words
    assert "Profiles 2 Names of events 1 of 512 Custom properties 0 of 256" in words
    assert "Ada u-1 ada@example.com 2026-11-02 09:30:00 UTC 2026-11-02 09:30:00 UTC" in words
    assert '2023-11-14 22:13:20 UTC Stage Changed __a API {"Stage":"Won"}' in words
    assert "2026-11-02 09:30:00 UTC partial 2 1" in words


def test_tables_stay_readable(look, caller):
    """Times and ids never break, only cells of long text do, and a table scrolls in its card, not the page.

    One long title once broke ids and values in two, and names one letter a line.
    """
    caller.upload({"type": "event", "objectId": "__" + "a" * 30, "evtName": "x" * 500, "evtData": {"a": "b" * 500}})
    text = look("/").html
    assert text.count("<table>") == text.count('<div class="scroll">') == 3
    assert re.search(r'<td class="text"><a [^>]*>x{500}', text)
    assert f'<code class="nowrap">{"__" + "a" * 30}</code>' in text
    style = text[text.index("<style>") : text.index("</style>")]
    assert re.search(r"\n\.scroll \{[^}]*overflow-x: auto", style)
    assert re.search(r"\ntd\.text \{[^}]*min-width: \d+rem;[^}]*overflow-wrap: anywhere", style)
    assert not re.search(r"\n(th, )?td \{[^}]*overflow-wrap", style)


def test_the_lists_of_the_overview_are_paged(look, caller):
    """A list costs its page, newest first; the rest is behind a link, each list by itself."""
    for batch in range(3):
        caller.upload(
            *({"type": "event", "identity": f"u-{batch}-{n}", "evtName": f"Did {batch}-{n}"} for n in range(10))
        )
    first = look("/")
    assert re.findall(r"Did (\d-\d)", first.words) == [f"2-{n}" for n in range(9, -1, -1)]
    second = look(first.link("Older events"))
    assert re.findall(r"Did (\d-\d)", second.words) == [f"1-{n}" for n in range(9, -1, -1)]
    last = look(look(first.link("Older profiles")).link("Older profiles"))
    assert "u-0-0" in last.words
    assert "u-1-0" not in last.words
    assert "Older profiles" not in last.labels
    assert "Did 2-9" in last.words, "the events are still the newest"


def test_events_are_listed_by_their_own_time(look, caller):
    """An event that arrives late stands where it happened, and a link leads past it. (Ours)"""
    caller.upload(
        *({"type": "event", "identity": "u", "evtName": f"Did {n:02}", "ts": 1_700_000_000 - n} for n in range(12))
    )
    first = look("/")
    assert re.findall(r"Did (\d\d)", first.words) == [f"{n:02}" for n in range(10)]
    assert re.findall(r"Did (\d\d)", look(first.link("Older events")).words) == ["10", "11"]


# What must be on no page, and what must do nothing there


@pytest.fixture
def evil_account(caller, control, dispatcher):
    """Scripts and quotes wherever people write something; returns the CleverTap ID of somebody, which is one too."""
    for evil in (EVIL, QUOTE):
        filters = [{"name": evil, "operator": "equals", "value": [evil, evil]}]
        control(
            "POST",
            "/campaigns",
            {
                "name": evil,
                "event_name": evil,
                "where": filters,
                "profile_where": filters,
                "url": f"http://127.0.0.1:9000/{evil}",
                "basic_auth_user": evil.replace(":", ""),
                "basic_auth_password": f"hidden-{evil}",
                "key_values": {evil: evil},
                "body": evil,
            },
        )
        control("POST", "/campaigns", {"name": evil, "event_name": "Seen", "channel": "log", "body": evil})
        control("POST", "/passcodes", {"name": evil})
    control("PATCH", "/settings", {"discarded_events": [f"Old {EVIL}", f"Old {QUOTE}"], "nested_objects": True})
    for evil in (EVIL, QUOTE):
        object_id = f"-{evil}"
        caller.upload(
            {
                "type": "profile",
                "identity": evil,
                "objectId": object_id,
                "FBID": evil,
                "profileData": {
                    "Name": evil, "Email": f"{evil}@b.de", "DOB": evil, evil: evil, "List": [evil], "Deep": {evil: evil}
                },
            },
            {"type": "token", "objectId": object_id, "tokenData": {"id": evil, "type": "apns"}},
            {"type": "event", "identity": evil, "evtName": evil, "evtData": {evil: evil}, "$source": evil},
            {"type": "event", "identity": evil, "evtName": "Seen", "evtData": {evil: evil}, "$source": evil},
            {"type": "profile", "identity": "other", "FBID": evil, "profileData": {"identity": evil}},
            {"type": evil, evil: evil},
            {"type": "profile", "identity": evil, "profileData": {"Email": evil}},
        )  # fmt: skip
    dispatcher.settle()
    return f"-{EVIL}"


@pytest.mark.parametrize(
    ("path", "times", "status"),
    [
        pytest.param("/", 9, 200, id="overview"),
        pytest.param("/people", 3, 200, id="people"),
        pytest.param(f"/people?q={EVIL}z", 1, 200, id="search"),
        pytest.param("/profile?object_id=OBJECT_ID", 17, 200, id="profile"),
        pytest.param("/events", 0, 200, id="events, whose names lose their brackets"),
        pytest.param("/events?name=Seen", 3, 200, id="an event"),
        pytest.param("/uploads", 11, 200, id="uploads"),
        pytest.param("/errors", 5, 200, id="errors"),
        pytest.param("/campaigns", 28, 200, id="campaigns"),
        pytest.param("/settings", 1, 200, id="settings"),
        pytest.param(f"/profile?object_id={EVIL}", 1, 404, id="no profile"),
        pytest.param(f"/events?name={EVIL}", 1, 404, id="no event"),
    ],
)
def test_what_people_type_stays_text(look, evil_account, path, times, status):
    """A script in a name, key, value, id or address is shown, not run; the reader lets no page have one. (Design 6)"""
    page = look(path.replace("OBJECT_ID", evil_account), status)
    assert page.words.count(EVIL) >= times
    assert EVIL not in page.html
    assert "<img" not in page.html


def test_secrets_are_on_no_page(look, caller, control, evil_account):
    """No passcode, working or revoked or new, and no password of a webhook. (Checklist)"""
    secrets = [caller.passcode, control("POST", "/passcodes", {"name": "Second"})["passcode"], "hidden-"]
    pages = [look(path.replace("/profile", f"/profile?object_id={evil_account}")) for path in PAGES]
    assert not [secret for page in pages for secret in secrets if secret in page.html]
    assert "as <script>alert(1)</script>, with a password that is not shown" in " ".join(each.words for each in pages)


def test_every_page_names_its_json(look, caller, evil_account):
    """The numbers of a page can be had as JSON: by a link, which works, or by the name of an API. (Design 6)"""
    for path in PAGES:
        page = look(path.replace("/profile", f"/profile?object_id={evil_account}"))
        told = page.words.partition("As JSON: ")[2]
        controls = [address for _, address in page.links if address.startswith("/_rig/")]
        assert "/1/" in told or controls
        for address in controls:
            status, _ = caller.control("GET", address.partition("?")[0])
            assert status in {200, 400} if "debug_events" in address else status == 200
