"""The pages about what happened: events, uploads, errors, campaigns; and the settings that have their say in it."""

from datetime import timedelta

from mock_servers.clevertap.event_storage import MOST_COUNTED, Tally
from mock_servers.clevertap.pages import LONGEST_SHOWN, NAMES, ROWS, UPLOADS

ADA = {"type": "profile", "identity": "u-1", "objectId": "__ada", "profileData": {"Name": "Ada"}}


def event(name="Seen", who="__ada", **members):
    return {"type": "event", "objectId": who, "evtName": name, **members}


def entries(page, label, look):
    """How many entries stand on each page of a list, counted by a word that each has once."""
    numbers = [page.html.count(label)]
    while older := [address for words, address in page.links if words.startswith("Older")]:
        page = look(older[0])
        numbers.append(page.html.count(label))
    return numbers


# Events


def test_names_of_events_with_their_numbers(look, caller):
    """Total, users, first and last, by name; a click lists the occurrences, newest first, with links to users."""
    caller.upload(event("Seen", ts=1700000000), event("Seen", "__b"), event("Opened", evtData={"a": 1}), event("Seen"))
    page = look("/events")
    assert (
        "Opened 1 1 2026-11-02 09:30:00 UTC 2026-11-02 09:30:00 UTC"
        " Seen 3 2 2023-11-14 22:13:20 UTC 2026-11-02 09:30:00 UTC"
    ) in page.words
    seen = look(page.link("Seen"))
    assert "Total 3 Users 2 First 2023-11-14 22:13:20 UTC Last 2026-11-02 09:30:00 UTC" in seen.words
    assert (
        "2026-11-02 09:30:00 UTC __ada API {} 2026-11-02 09:30:00 UTC __b API {} 2023-11-14 22:13:20 UTC __ada API {}"
    ) in seen.words
    assert "<h1>__b</h1>" in look(seen.link("__b")).html


def test_names_and_occurrences_are_paged(look, caller):
    """Names in the order of the alphabet, occurrences by their own time."""
    caller.upload(
        *(event(f"Did {n:02}") for n in range(NAMES + 3)), *(event("Seen", ts=1 + n) for n in range(ROWS + 2))
    )
    first = look("/events")
    assert f"Did {NAMES - 1:02}" in first.words
    assert f"Did {NAMES}" not in first.words
    second = look(first.link("More names"))
    assert f"Did {NAMES}" in second.words
    assert look(second.link("First names")).words == first.words
    seen = look(second.link("Seen"))
    assert (seen.words.count("API {}"), look(seen.link("Older events")).words.count("API {}")) == (ROWS, 2)
    assert "There are no more names." in look("/events?after=z").words
    assert "There are no older ones." in look("/events?name=Seen&before=0-0").words


def test_an_unknown_name_is_a_404(look, caller, newcomer):
    """Another account's name is unknown too."""
    newcomer.upload(event("Seen"))
    page = look(f"/events?account={caller.account_id}&name=Seen", 404)
    assert f"Account {caller.account_id} never saw an event of the name Seen." in page.words


def test_an_event_whose_users_are_gone(look, caller):
    """Its name is still one of those that the account may have."""
    caller.upload(event("Seen"))
    caller.post("/1/delete/profiles.json", {"guid": "__ada"})
    assert "Seen 0 0 never never" in look("/events").words
    assert "The users who did this were deleted." in look("/events?name=Seen").words


def test_beyond_a_bound_a_page_says_more(look, caller, clevertap):
    """A page counts no further than ten thousand users, so a million cost the same; then it says so. (Ours)"""
    for start in range(0, MOST_COUNTED, 1000):
        caller.upload(*(event("Seen", f"__{start + n}", ts=1) for n in range(1000)))
    account = clevertap.account(caller.account_id)
    assert clevertap.reader.tally(account, "Seen") == Tally("Seen", MOST_COUNTED, MOST_COUNTED, 1, 1)
    assert "Seen 10,000 10,000" in look("/events").words
    assert "Profiles 10,000 Names" in look("/").words
    caller.upload(*(event("Seen", f"__more-{n}", ts=2) for n in range(5)))
    assert "Seen more than 10,001 more than 10,000 1970-01-01 00:00:01 UTC" in look("/events").words
    assert "Total more than 10,001 Users more than 10,000" in look("/events?name=Seen").words
    assert "Profiles more than 10,000 Names" in look("/").words


# Uploads and errors


def test_an_upload_tells_its_outcome_record_by_record(look, caller):
    """What became of each record, to whose profile it went and why, or why it was refused. (4.5; ours)"""
    caller.upload(ADA, {"type": "event", "identity": "u-1"}, {"type": "profile", "identity": "u-1"}, 5)
    page = look("/uploads")
    assert "2026-11-02 09:30:00 UTC partial 2 processed, 2 unprocessed." in page.words
    assert "1 profile made a profile new: nobody had these identifiers __ada" in page.words
    assert "2 event refused: 509 Event Name is incorrect. ErrorCode: 509" in page.words
    assert "3 profile known profile found by identity u-1 __ada" in page.words
    assert "4 - refused: 524 Record type should be event or profile." in page.words
    assert "<h1>Ada</h1>" in look(page.link("__ada")).html


def test_a_dry_run_is_marked(look, caller):
    """It judged the records and stored nothing."""
    caller.upload(ADA, 5, dryRun="1")
    words = look("/uploads").words
    assert (
        "dry run partial 1 processed, 1 unprocessed. A dry run: the records were judged, nothing was stored." in words
    )
    assert "not remembered" not in words
    assert "dry run partial 1 1" in look("/").words


def test_of_a_large_upload_the_first_records_are_told(look, caller):
    """What is not remembered is said, as a number."""
    caller.upload(*(event() for _ in range(150)))
    assert "Of the first 100 records; what became of 50 more is not remembered." in look("/uploads").words


def test_a_link_to_a_user_who_is_gone(look, caller):
    """The upload log remembers longer than the users stay; the link says what happened."""
    caller.upload(ADA)
    caller.post("/1/delete/profiles.json", {"identity": "u-1"})
    page = look(look("/uploads").link("__ada"), 404)
    assert "No profile has the CleverTap ID __ada: there never was one, or the user was deleted." in page.words


def test_the_log_is_paged(look, caller):
    """Newest first; the last five stand on the overview and lead there."""
    for n in range(UPLOADS * 2 + 3):
        caller.upload(event(f"Did {n:02}"))
    assert entries(look("/uploads"), "<summary>Records", look) == [UPLOADS, UPLOADS, 3]
    targets = [address for _, address in look("/").links if "#upload-" in address]
    assert len(targets) == 5
    for address in targets:
        assert f'id="{address.partition("#")[2]}"' in look(address).html


def test_the_error_stream(look, caller):
    """What was refused, with the record, and what was changed in the others, newest first, paged."""
    caller.upload({"type": "profile", "identity": "u-1", "profileData": {"Email": "wrong"}})
    caller.upload(ADA | {"profileData": {"Long": "x" * 600}})
    words = look("/errors").words
    refused = "record refused: 515 Profile data is incorrect. Email is not valid.Skipped record number : 1"
    assert words.index("Long: ") < words.index(refused)
    assert '"Email":"wrong"' in words
    caller.upload(*(5 for _ in range(ROWS * 2)))
    assert entries(look("/errors"), "<td><time>", look) == [ROWS, ROWS, 2]


# Campaigns


CAMPAIGN = {
    "name": "Negotiation",
    "event_name": "Moved",
    "where": [{"name": "Stage", "value": "Negotiation"}],
    "url": "http://127.0.0.1:9000/hook",
    "basic_auth_user": "ada",
    "basic_auth_password": "secret-word",
}


def test_a_campaign_tells_its_rules(look, control):
    """When it starts, for whom, how long it waits, what it sends where; without its password."""
    control("POST", "/campaigns", CAMPAIGN | {"delay_seconds": 90, "once_per_user": True, "is_enabled": False})
    page = look("/campaigns")
    assert "Negotiation off Id 1700000001 Starts on Moved, at most 2 hours old or 2 minutes ahead" in page.words
    assert "Event properties Stage equals 'Negotiation' User properties any Waits 1 min 30 s" in page.words
    assert "How often once for each user Sends POST http://127.0.0.1:9000/hook Signs in as ada" in page.words
    assert "secret-word" not in page.html


def test_the_outbox_tells_what_came_of_an_event(look, caller, control, dispatcher, receiver):
    """Sent with the body, skipped with the reason, tried several times with each answer, or still waiting."""
    control("POST", "/campaigns", CAMPAIGN)
    control("POST", "/campaigns", {"name": "Later", "event_name": "Moved", "channel": "log", "delay_seconds": 7200})
    receiver.statuses = [500, None]
    caller.upload(ADA, event("Moved", evtData={"Stage": "Won"}))
    caller.upload(event("Moved", evtData={"Stage": "Negotiation"}))
    dispatcher.settle()
    words = look("/campaigns").words
    assert "skipped Stage is 'Won', wanted equals 'Negotiation' Negotiation Moved __ada none" in words
    assert "scheduled for 2026-11-02 11:30:00 UTC Later Moved __ada none" in words
    assert "2026-11-02 09:30:00 UTC: 500" in words
    dispatcher.advance(timedelta(minutes=3))
    page = look("/campaigns")
    assert (
        "2026-11-02 09:30:00 UTC: 500 2026-11-02 09:31:00 UTC: no answer 2026-11-02 09:32:00 UTC: 200"
    ) in page.words
    assert 'sent Body {"targetId":1700000001,' in page.words
    assert "secret-word" not in page.html
    assert "<h1>Ada</h1>" in look(page.link("__ada")).html


def test_the_outbox_is_paged(look, caller, control):
    """Newest first."""
    control("POST", "/campaigns", {"name": "Log", "event_name": "Moved", "channel": "log"})
    caller.upload(*(event("Moved") for _ in range(ROWS + 3)))
    assert entries(look("/campaigns"), "<td><time>", look) == [ROWS, 3]


def test_of_a_long_text_the_beginning_is_shown(look, control):
    """The JSON has all of it."""
    text = "x" * (LONGEST_SHOWN + 1)
    control("POST", "/campaigns", CAMPAIGN | {"body": text})
    page = look("/campaigns")
    assert text not in page.html
    assert f"{text[:-1]}… ({len(text):,} characters in all)" in page.words


# Settings


def test_settings_with_their_meaning_and_how_to_change_them(look, caller, control, server):
    """Each setting, what it is for, whether it is other than at first, and a line that changes one."""
    control("PATCH", "/settings", {"enforce_limits": True, "time_zone": "Europe/Berlin"})
    caller.upload(ADA)
    page = look("/settings")
    assert (
        "enforce_limits Answer 429 to more calls at once than are allowed. They are counted either way."
        " true changed from false"
    ) in page.words
    assert '"Europe/Berlin" changed from "UTC"' in page.words
    assert "webhook_retries How often a failed webhook is tried again. 2 One or several are changed by:" in page.words
    line = f"curl -X PATCH http://localhost/_rig/accounts/{caller.account_id}/settings"
    assert line + " \\ -H 'Content-Type: application/json' -d '{\"enforce_limits\": true}'" in page.words
    assert "Most calls at once /1/upload 1" in page.words
    for address in (address for _, address in page.links if address.startswith("/_rig/")):
        assert caller.control("GET", address)[0] == 200


def test_passcodes_without_their_values(look, control, caller):
    """Which there are, and which were revoked; a value is shown only when it is made."""
    made = control("POST", "/passcodes", {"name": "Zapier"})
    control("DELETE", f"/passcodes/{made['id']}")
    page = look("/settings")
    assert "1 Default 2026-11-02 09:30:00 UTC works" in page.words
    assert f"{made['id']} Zapier 2026-11-02 09:30:00 UTC revoked 2026-11-02 09:30:00 UTC" in page.words
    assert made["passcode"] not in page.html
    assert caller.passcode not in page.html
