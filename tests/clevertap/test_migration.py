"""A state folder that an earlier version wrote: everything in it is found again, and life goes on."""

import hashlib
import json
from collections.abc import Iterator

import pytest

from mock_servers.clevertap.schema import MIGRATIONS
from mock_servers.rig.database import Database
from mock_servers.rig.ids import IdSource
from tests.clevertap.conftest import Caller

MIDNIGHT = 1_705_276_800
QUESTION = {"event_name": "Seen", "from": 20240115, "to": 20240115}
IDS = IdSource(1)
ACCOUNTS = [("AAA-AAA-AAAA", 1, "eu1"), ("BBB-BBB-BBBB", 2, "in1")]


def old_id(number):
    """The CleverTap ID that the first version gave, counted over all accounts."""
    return IDS.hex("clevertap object id", number)


def new_id(account, number):
    """The one that this version gives."""
    return f"{IDS.hex('clevertap object id', account, 16)}{number:016x}"


def profile(id, account, email, properties, *keys):
    return id, account, email, json.dumps(properties), 1000 + id, 2000 + id, 1_700_000_000 + id, keys


PROFILES = [
    profile(
        1,
        "AAA-AAA-AAAA",
        "ada@example.com",
        {
            "Name": "Adä",
            "Email": "Ada@Example.com",
            "Phone": "+14155550100",
            "Age": 36,
            "Plan": "Pro",
            "Tags": ["a", "b"],
            "Score": 1.5,
            "Active": True,
            'Odd \\ "name"': "$D_1700000000",
        },
        ("objectId", old_id(1)),
        ("identity", "u-1"),
        ("FBID", "fb-1"),
        ("objectId", "__phone"),
        ("identity", "alias"),
    ),
    profile(
        2,
        "BBB-BBB-BBBB",
        "ada@example.com",
        {
            "Email": "ada@example.com",
            "Phone": "+14155550100",
            "MSG-dndEmail": True,
            "MSG-dndWhatsApp": True,
            "MSG-dndSMS": False,
        },
        ("objectId", old_id(2)),
        ("identity", "u-1"),
    ),
    profile(4, "AAA-AAA-AAAA", None, {}, ("objectId", "__anonymous")),
    profile(
        5, "AAA-AAA-AAAA", "ada@example.com", {"Email": "ADA@example.com"}, ("objectId", old_id(3)), ("identity", "u-5")
    ),
]
EVENTS = [
    (1, "AAA-AAA-AAAA", 1, "Seen", '{"at": 1, "Plan": "Pro"}', MIDNIGHT + 5, "API", 3001),
    (2, "AAA-AAA-AAAA", 1, "Seen", '{"at": 2}', MIDNIGHT + 3, "Segment", 3002),
    (3, "BBB-BBB-BBBB", 2, "Seen", '{"at": 3}', MIDNIGHT, "API", 3003),
    (4, "AAA-AAA-AAAA", 4, "Charged", '{"Amount": 1.5, "Items": [{"a": 1}]}', MIDNIGHT, "Zapier", 3004),
    (7, "AAA-AAA-AAAA", 4, "Seen", "{}", MIDNIGHT + 86_400, "API", 3005),
]
COUNTS = [
    (1, "Seen", 2, MIDNIGHT + 3, MIDNIGHT + 5),
    (2, "Seen", 1, MIDNIGHT, MIDNIGHT),
    (4, "Charged", 1, MIDNIGHT, MIDNIGHT),
    (4, "Seen", 1, MIDNIGHT + 86_400, MIDNIGHT + 86_400),
]
COUNTERS = {"account": 2, "passcode": 2, "profile": 5, "object id": 3}
"""How far the first version had counted; it let the table count events."""


@pytest.fixture
def path(tmp_path):
    """The database file as the first version left it."""
    path = tmp_path / "clevertap.sqlite"
    database = Database(path, MIGRATIONS[:1])
    with database.write() as connection:
        for number, (account, count, region) in enumerate(ACCOUNTS, start=1):
            connection.execute("INSERT INTO account VALUES (?, ?, ?, ?)", (account, count, region, 500 + number))
            digest = hashlib.sha256(b"secret").hexdigest()
            connection.execute(
                "INSERT INTO passcode VALUES (?, ?, 'Default', ?, ?, NULL)", (number, account, digest, 500)
            )
        for *row, keys in PROFILES:
            connection.execute(
                "INSERT INTO profile VALUES (?, ?, ?, ?, ?, ?, ?)", (*row[:3], row[3].encode(), *row[4:])
            )
            for position, (kind, value) in enumerate(keys):
                connection.execute(
                    "INSERT INTO identifier VALUES (?, ?, ?, ?, ?)", (row[1], kind, value, row[0], position)
                )
        for event in EVENTS:
            connection.execute(
                "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*event[:4], event[4].encode(), *event[5:])
            )
        connection.executemany("INSERT INTO event_count VALUES (?, ?, ?, ?, ?)", COUNTS)
        connection.executemany("INSERT INTO counter VALUES (?, ?)", COUNTERS.items())
    database.close()
    return path


@pytest.fixture
def database(path) -> Iterator[Database]:
    """The same file, opened by this version."""
    database = Database(path, MIGRATIONS)
    yield database
    database.close()


@pytest.fixture
def callers(server):
    """One for each account."""
    return [Caller(server, account, "secret") for account, *_ in ACCOUNTS]


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"identity": "u-1"}, id="identity"),
        pytest.param({"identity": "alias"}, id="another identity"),
        pytest.param({"identity": "ada@example.com"}, id="e-mail as identity"),
        pytest.param({"objectId": old_id(1)}, id="object id"),
        pytest.param({"objectId": "__phone"}, id="another device"),
        pytest.param({"email": "ADA@example.com"}, id="e-mail"),
    ],
)
def test_a_profile_is_found_as_before(callers, query):
    """By everything that led to it, with all it was and did."""
    assert callers[0].profile(**query) == {
        "identity": "u-1",
        "all_identities": ["u-1", "fb-1", "alias", "Ada@Example.com"],
        "name": "Adä",
        "email": "Ada@Example.com",
        "phone": "+14155550100",
        "profileData": {
            "Plan": "Pro",
            "Tags": ["a", "b"],
            "Score": 1.5,
            "Active": True,
            'Odd \\ "name"': "$D_1700000000",
        },
        "systemProfileData": {"Age": 36},
        "events": {"Seen": {"count": 2, "first_seen": MIDNIGHT + 3, "last_seen": MIDNIGHT + 5}},
        "platformInfo": [
            {"platform": "Web", "objectId": old_id(1)},
            {"platform": "Android", "objectId": "__phone"},
        ],
    }


def test_types_and_times_are_kept(clevertap):
    """A boolean stays one, a fraction too; times of making and change, and the latest `ts`."""
    found = clevertap.reader.find_profile(clevertap.account("AAA-AAA-AAAA"), identity="u-1").profile
    assert (found.id, found.created_at, found.updated_at, found.last_ts) == (1, 1001, 2001, 1_700_000_001)
    assert [type(found.properties[name]) for name in ("Active", "Score", "Age")] == [bool, float, int]
    assert found.tokens == {}


def test_accounts_are_as_they_were(clevertap, callers):
    """Their passcodes open them, and their settings are those of a new account."""
    first, second = clevertap.accounts()
    assert [(each.id, each.number, each.region, each.created_at) for each in (first, second)] == [
        ("AAA-AAA-AAAA", 1, "eu1", 501),
        ("BBB-BBB-BBBB", 2, "in1", 502),
    ]
    made = clevertap.add_account({})
    assert clevertap.account(made["account_id"]).number == 3
    assert clevertap.account(made["account_id"]).settings == first.settings
    assert [entry.id for entry in clevertap.list_passcodes("AAA-AAA-AAAA")] == ["1"]
    assert callers[1].profile(identity="u-1")["email"] == "ada@example.com", "each account has its own"
    assert callers[1].profile(objectId="__phone") is None


def test_events_are_exported_and_counted_as_before(callers):
    """In the order of their own time, with their sources."""
    told = callers[0].records("/1/events.json", {**QUESTION, "to": 20240116})
    assert [(each["ts"], each["event_props"], each["profile"]["objectId"]) for each in told] == [
        (20240115000003, {"at": 2, "CT Source": "Segment"}, old_id(1)),
        (20240115000005, {"at": 1, "Plan": "Pro", "CT Source": "API"}, old_id(1)),
        (20240116000000, {"CT Source": "API"}, "__anonymous"),
    ]
    [charged] = callers[0].records("/1/events.json", {**QUESTION, "event_name": "Charged"})
    assert charged["event_props"] == {"Amount": 1.5, "Items": [{"a": 1}], "CT Source": "Zapier"}
    assert [each["identity"] for each in callers[0].records("/1/profiles.json", QUESTION)] == ["u-1"]
    for caller, profiles, events in ((callers[0], 1, 2), (callers[1], 1, 1)):
        assert caller.post("/1/counts/profiles.json", QUESTION)[1]["count"] == profiles
        assert caller.post("/1/counts/events.json", QUESTION)[1]["count"] == events


def test_the_newest_lists_are_as_they_were(clevertap):
    """Profiles by their making, events by their time."""
    account = clevertap.account("AAA-AAA-AAAA")
    assert [found.profile.id for found in clevertap.reader.newest_profiles(account)] == [5, 4, 1]
    assert [(event.id, event.received_at) for event, _ in clevertap.reader.newest_events(account)] == [
        (7, 3005),
        (1, 3001),
        (2, 3002),
        (4, 3004),
    ]
    assert clevertap.reader.uploads(account, None, 9) == []


def test_new_uploads_go_on(callers, clevertap):
    """Old users are found, new ones get fresh ids, and new events too."""
    first, second = callers
    seen = {"type": "event", "evtName": "Seen", "ts": MIDNIGHT}
    for caller in callers:
        answer = caller.upload(
            {"type": "profile", "identity": "u-1", "profileData": {"Plan": "Free"}},
            {**seen, "identity": "new"},
            {**seen, "identity": "u-1"},
            {**seen, "identity": "ada@example.com"},
            {**seen, "evtName": "First", "identity": "u-1"},
        )
        assert answer["status"] == "success"
    assert first.profile(identity="u-1")["events"]["Seen"]["count"] == 4
    assert first.profile(identity="u-1")["profileData"]["Plan"] == "Free"
    assert first.profile(identity="new")["platformInfo"] == [{"platform": "Web", "objectId": new_id(1, 1)}]
    assert second.profile(identity="new")["platformInfo"] == [{"platform": "Web", "objectId": new_id(2, 1)}]
    account = clevertap.account("AAA-AAA-AAAA")
    assert [found.profile.id for found in clevertap.reader.newest_profiles(account, limit=2)] == [6, 5]
    ids = [event.id for event, _ in clevertap.reader.newest_events(account, limit=100)]
    assert (len(ids), sorted(ids)) == (8, [1, 2, 4, 7, 8, 9, 10, 11])


def test_what_the_first_version_had_seen_counts_for_the_limits(callers, clevertap):
    """Names of events and of custom properties are known already; system properties take no place."""
    clevertap.change_settings("AAA-AAA-AAAA", {"event_types": 2, "profile_properties": 6})
    callers[0].upload(
        *({"type": "event", "identity": "u-5", "evtName": name} for name in ("Seen", "Charged", "Third")),
        {"type": "profile", "identity": "u-5", "profileData": {"Plan": "x", "Sixth": 1, "Seventh": 2}},
    )
    record = callers[0].profile(identity="u-5")
    assert (set(record["events"]), set(record["profileData"])) == ({"Seen", "Charged"}, {"Plan", "Sixth"})


def test_old_profiles_can_be_found_by_phone_deleted_and_merged(callers, clevertap):
    """Whatever is new works on what is old."""
    caller = callers[0]
    clevertap.change_settings("AAA-AAA-AAAA", {"identity_fields": ["identity", "email", "phone"]})
    assert caller.profile(identity="+14155550100")["identity"] == "u-1"
    caller.upload({"type": "profile", "identity": "u-1", "objectId": "__anonymous"})
    assert caller.profile(identity="u-1")["events"]["Seen"]["count"] == 3
    caller.post("/1/delete/profiles.json", {"identity": "u-1"})
    assert caller.profile(email="ada@example.com")["identity"] == "u-5"
    assert caller.records("/1/events.json", {**QUESTION, "to": 20240116}) == []
    assert callers[1].profile(identity="u-1")["events"]["Seen"]["count"] == 1


def test_a_phone_is_no_identity_unless_it_is_declared(callers):
    """In a file of before too: phones lead nowhere by default. (2.9; documented)"""
    assert callers[0].profile(identity="+14155550100") is None
    callers[0].upload({"type": "event", "identity": "+14155550100", "evtName": "Seen"})
    assert callers[0].profile(identity="u-1")["events"]["Seen"]["count"] == 2
    answer = callers[0].post("/1/disassociate", {"d": [{"type": "phone", "value": "+14155550100"}]})
    assert answer[1]["status"] == "success"
    assert callers[0].profile(identity="u-1")["phone"] == "+14155550100"


def test_do_not_disturb_is_now_about_the_address(callers):
    """The first version kept the switches with each user; then a call could not lift them."""
    assert callers[1].profile(identity="u-1")["systemProfileData"] == {"MSG-dndEmail": True, "MSG-dndWhatsApp": True}
    callers[1].upload({"type": "profile", "identity": "u-9", "profileData": {"Email": "ada@example.com"}})
    assert callers[1].profile(identity="u-9")["systemProfileData"] == {"MSG-dndEmail": True}
    body = b'{"d": [{"type": "email", "value": "ada@example.com", "status": "Resubscribe"}]}'
    assert callers[1].ask("POST", "/1/subscribe", body=body).status == 200
    callers[1].upload({"type": "profile", "identity": "u-1", "profileData": {"Name": "Ada"}})
    assert callers[1].profile(identity="u-1")["systemProfileData"] == {"MSG-dndWhatsApp": True}


def test_an_empty_file_of_the_first_version_opens(tmp_path, started):
    """Somebody made one and never used it."""
    path = tmp_path / "clevertap.sqlite"
    Database(path, MIGRATIONS[:1]).close()
    with started(path) as clevertap:
        [account] = clevertap.accounts()
        record = b'{"type": "event", "identity": "a", "evtName": "x"}'
        assert clevertap.uploads.upload(account, b'{"d": [%b]}' % record).status == "success"
