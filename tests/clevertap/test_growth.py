"""However much is stored, reading costs what is read: every look-up goes through an index."""

import pytest

DAY = {"event_name": "Seen", "from": 20261101, "to": 20261103}
FILTERED = {
    **DAY,
    "event_properties": [{"name": "a", "operator": "exists"}],
    "common_profile_properties": {"profile_fields": [{"name": "b", "operator": "does_not_exist"}]},
    "advanced_query": {
        "did_all": [DAY],
        "did_none": [{**DAY, "event_name": "Charged"}],
        "did_any": {"any_events": [DAY], "operator": "less_than", "value": 9},
    },
}
RECORDS = [
    {
        "type": "profile",
        "identity": "p-7",
        "objectId": "__a",
        "FBID": "fb",
        "profileData": {"Email": "a@b.de", "Phone": "+14155550100", "identity": "alias"},
    },
    {"type": "event", "identity": "p-7", "evtName": "Seen", "evtData": {"a": 1}},
    {"type": "event", "identity": "a@b.de", "evtName": "Seen", "evtData": {"a": 1}},
    {"type": "event", "identity": "+14155550100", "evtName": "Charged", "ts": 1700000000},
    {"type": "event", "evtName": "Opened", "objectId": "__b"},
    {"type": "profile", "identity": "u-2", "profileData": {"Email": "a@b.de"}},
    {"type": "event", "identity": "p-7"},
]


def find_plans(connection, asked, beginning):
    """How SQLite would carry out each statement that begins so, and which it was."""
    return {
        (row["detail"], query)
        for query in dict.fromkeys(asked)
        if query.lstrip().upper().startswith(beginning)
        for row in connection.execute(f"EXPLAIN QUERY PLAN {query}")
    }


TOO_FEW = ("(account=?)", "(name_id=?)", "(rowid<?)", "(rowid>?)")
"""What alone leads to everything of an account, everything of an event's name, or everything."""


def looks_at_everything(plan, query):
    """Does SQLite go through a whole table, or sort it, or make an index of it for this one query?

    Names of events and of properties are few, an account has at most 512; and what is bounded forgets beyond its bound.
    """
    if plan.startswith(("SEARCH event_name", "SEARCH property_name")) or "FROM event_name WHERE" in query:
        return False
    if query.startswith("DELETE") and " OFFSET " in query:
        return plan.startswith("SCAN")
    is_scan = plan.startswith("SCAN") and "CONSTANT ROW" not in plan
    return is_scan or plan.endswith(TOO_FEW) or "AUTOMATIC" in plan or "TEMP B-TREE" in plan


def read_one_profile(caller, clevertap, account):
    for query in ({"identity": "p-7"}, {"identity": "+14155550100"}, {"objectId": "__a"}, {"email": "a@b.de"}):
        found = caller.profile(**query)
        assert found["identity"] == "p-7"
    [profile, *_] = clevertap.reader.find_profile(account, identity="p-7")
    clevertap.reader.debug_events(profile)


def read_pages(caller, clevertap, account):
    for question in (DAY, FILTERED):
        for path in ("/1/events.json", "/1/profiles.json"):
            assert caller.records(path, question, batch_size="1")


def count(caller, clevertap, account):
    for question in (DAY, FILTERED):
        for kind in ("profiles", "events"):
            assert caller.post(f"/1/counts/{kind}.json", question)[1]["count"] > 0


def read_newest(caller, clevertap, account):
    for before in (None, 9):
        assert clevertap.reader.newest_profiles(account, before=before)
        assert clevertap.reader.uploads(account, before, 5)
        assert clevertap.reader.errors(account, before, 5)
    for place in (None, (9_999_999_999, 9)):
        assert clevertap.reader.newest_events(account, before=place)


@pytest.mark.parametrize(
    ("read", "least"),
    [
        pytest.param(read_one_profile, 10, id="one profile"),
        pytest.param(read_pages, 10, id="pages of exports"),
        pytest.param(count, 10, id="counts"),
        pytest.param(read_newest, 10, id="newest lists and logs"),
    ],
)
def test_reading_uses_indexes(database, caller, clevertap, read, least):
    """A list costs its page and a look-up a few steps, however much is stored."""
    clevertap.change_settings(caller.account_id, {"identity_fields": ["identity", "email", "phone"]})
    caller.upload(*RECORDS)
    asked: list[str] = []
    with database.read() as connection:
        connection.set_trace_callback(asked.append)  # it is the one that is idle, so the next to be used
    read(caller, clevertap, clevertap.account(caller.account_id))
    with database.read() as connection:
        connection.set_trace_callback(None)
        found = find_plans(connection, asked, "SELECT")
    assert len(found) >= least
    assert not [plan for plan in found if looks_at_everything(*plan)]


def test_uploading_uses_indexes(database, caller):
    """A record costs a few steps, however many users there are."""
    caller.upload(*RECORDS)
    asked: list[str] = []
    with database.write() as connection:
        connection.set_trace_callback(asked.append)
    caller.upload(*RECORDS, {"type": "event", "identity": "p-7", "objectId": "__b", "evtName": "Seen"})
    caller.post("/1/demerge/profiles.json", {"identities": ["u-2"]})
    caller.post("/1/disassociate", {"d": [{"type": "phone", "value": "+14155550100"}]})
    caller.post("/1/delete/profiles.json", {"identity": ["p-7", "+14155550100"], "guid": "__b"})
    with database.write() as connection:
        connection.set_trace_callback(None)
        found = find_plans(connection, asked, ("SELECT", "INSERT", "UPDATE", "DELETE"))
    assert len(found) > 30
    assert not [plan for plan in found if looks_at_everything(*plan)]
