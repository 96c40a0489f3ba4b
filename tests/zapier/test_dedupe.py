"""Which records of a poll are new."""

from mock_servers.zapier.checks import problems_with_action, problems_with_trigger
from mock_servers.zapier.dedupe import key_of, unseen


def test_new_records_come_oldest_first():
    """A poll lists newest first; what is new runs oldest first. (Zapier 3.1; assumed)"""
    records = [{"id": 3}, {"id": 2}, {"id": 1}]
    fresh = unseen(records, {key_of({"id": 2}, ["id"])}, ["id"])
    assert list(fresh.values()) == [{"id": 1}, {"id": 3}]


def test_nothing_is_new_twice():
    """Once seen, never again. (Zapier 3.1; documented)"""
    records = [{"id": 2}, {"id": 1}]
    fresh = unseen(records, set(), ["id"])
    assert unseen(records, set(fresh), ["id"]) == {}


def test_the_key_is_all_primary_fields_with_their_types():
    """Several primary fields make one key; 1 and "1" differ. (Zapier 2.9, 3.1; documented)"""
    assert key_of({"id": 1, "t": None}, ["id", "t"]) == "[1,null]"
    assert key_of({"id": 1}, ["id"]) != key_of({"id": "1"}, ["id"])


def test_of_two_with_one_key_only_one_fires():
    """Within one result two items with the same key count once; the newer stays. (Zapier 3.1; assumed)"""
    fresh = unseen([{"id": 1, "v": "new"}, {"id": 1, "v": "old"}], set(), ["id"])
    assert list(fresh.values()) == [{"id": 1, "v": "new"}]


def test_what_zapier_would_complain_about():
    """A trigger returns a list of objects with unique ids; an action returns one object. (Zapier 2.9; observed)"""
    assert problems_with_trigger([{"id": 0}, {"id": ""}], ["id"]) == []
    assert "list" in problems_with_trigger({"data": []}, ["id"])[0]
    assert "object" in problems_with_trigger([None], ["id"])[0]
    assert "no id" in problems_with_trigger([{"id": None}], ["id"])[0]
    assert "same id" in problems_with_trigger([{"id": 1}, {"id": 1}], ["id"])[0]
    assert problems_with_action({}) == []
    assert problems_with_action([]) != []
