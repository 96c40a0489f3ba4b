"""Calls at the same time are one after the other where it matters."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

ADA = {"type": "profile", "identity": "p-7", "profileData": {"Name": "Ada", "Email": "ada@example.com"}}
SEEN = {"type": "event", "identity": "p-7", "evtName": "Seen", "evtData": {}}
QUESTION = {"event_name": "Seen", "from": 20261101, "to": 20261103}
THREADS = 64
LONGEST_SECONDS = 60


def at_once(call, number=THREADS):
    """What `call(0)`, `call(1)`, … answer when so many threads begin together."""
    barrier = Barrier(number, timeout=LONGEST_SECONDS)

    def begin(which):
        barrier.wait()
        return call(which)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(begin, range(number), timeout=LONGEST_SECONDS))


def test_threads_that_upload_the_same_new_identity_make_one_profile(caller, clevertap):
    """However many calls bring a new identity along, it is one user."""
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: caller.upload(ADA, SEEN), range(40)))
    assert {answer["status"] for answer in answers} == {"success"}
    assert caller.profile(identity="p-7")["events"]["Seen"]["count"] == 40
    assert len(clevertap.reader.newest_profiles(clevertap.accounts()[0])) == 1


def test_64_threads_with_the_same_20_new_identities(caller, clevertap):
    """One profile per identity, and no event is lost, whoever comes first."""
    identities = [f"u-{number}" for number in range(20)]

    def upload(thread):
        records = [
            record
            for identity in identities[thread % 20 :] + identities[: thread % 20]
            for record in (
                {"type": "profile", "identity": identity, "profileData": {f"by {thread}": thread}},
                {"type": "event", "identity": identity, "evtName": "Seen", "evtData": {"thread": thread}},
            )
        ]
        return caller.upload(*records)

    answers = at_once(upload)
    assert answers == [{"status": "success", "processed": 40, "unprocessed": []}] * THREADS
    account = clevertap.account(caller.account_id)
    assert len(clevertap.reader.newest_profiles(account, limit=100)) == 20
    for identity in identities:
        record = caller.profile(identity=identity)
        assert record["events"]["Seen"]["count"] == THREADS
        assert record["profileData"] == {f"by {thread}": thread for thread in range(THREADS)}
    told = caller.records("/1/events.json", QUESTION, batch_size="500", events="0", profile="0")
    done = sorted((each["profile"]["identity"], each["event_props"]["thread"]) for each in told)
    assert done == sorted((identity, thread) for identity in identities for thread in range(THREADS))
    assert caller.post("/1/counts/events.json", QUESTION)[1]["count"] == 20 * THREADS
    assert len(clevertap.reader.uploads(account, None, 1000)) == THREADS


def test_threads_that_link_one_device_to_one_user(caller, clevertap):
    """The anonymous profile is absorbed once, and nothing of what it did is counted twice or lost."""

    def upload(thread):
        event = {"type": "event", "evtName": "Seen", "objectId": "__a"}
        return caller.upload(event, {**event, "identity": "p-7"} if thread % 2 else {**SEEN, "identity": "p-7"})

    assert {answer["status"] for answer in at_once(upload)} == {"success"}
    caller.upload({"type": "profile", "identity": "p-7", "objectId": "__a"})
    assert caller.profile(identity="p-7")["events"]["Seen"]["count"] == 2 * THREADS
    assert len(caller.records("/1/events.json", QUESTION)) == 2 * THREADS
    assert len(clevertap.reader.newest_profiles(clevertap.account(caller.account_id))) == 1


def test_reading_while_others_write_and_delete(caller):
    """Every page is of one moment: no answer is broken, and each user who is told of is whole."""

    def act(thread):
        identity = f"u-{thread % 8}"
        if thread % 4 == 0:
            return caller.post("/1/delete/profiles.json", {"identity": identity})[0] == 200
        if thread % 4 == 1:
            found = caller.records("/1/events.json", QUESTION, batch_size="3")
            return all(each["profile"]["events"]["Seen"]["count"] > 0 for each in found)
        if thread % 4 == 2:
            record = caller.profile(identity=identity)
            return record is None or record["profileData"] == {"a": 1, "b": 1}
        profile = {"type": "profile", "identity": identity, "profileData": {"a": 1}}
        return caller.upload(profile, {**profile, "profileData": {"b": 1}}, {**SEEN, "identity": identity})

    assert all(at_once(act))
