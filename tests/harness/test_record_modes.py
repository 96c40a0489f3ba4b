"""The four record modes, the age of a cassette, and cassettes for all sessions at once."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
import requests
import vcr
import yaml

from mock_servers.harness.cassettes import (
    Cassette,
    CassetteError,
    NotRecordedError,
    OldCassetteError,
    UnreadableCassetteError,
    cassette,
)
from mock_servers.harness.cassettes.ages import read_age
from mock_servers.rig.clock import utc_now
from mock_servers.rig.serving import HttpServer, listen
from mock_servers.rig.transport import make_session
from tests.harness.echo import Echo, answers, record, replay
from tests.sockets import socket_watch

THEN = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def numbered():
    """A service that counts its calls."""
    numbers = iter(range(1, 1000))
    return Echo(lambda request: (200, {}, str(next(numbers)).encode()))


def use(path, mode, pages, service, **options):
    """What the pages say, in this record mode."""
    session = make_session(service)
    with cassette(path, session, record_mode=mode, **options):
        return [session.get(f"https://example.com/{page}").text for page in pages]


def kept(path):
    """Which pages are in the file, with what they say."""
    document = yaml.safe_load(path.read_bytes())
    return [
        (each["request"]["uri"].rpartition("/")[2], each["response"]["body"]["string"])
        for each in document["interactions"]
    ]


def test_new_episodes_plays_what_is_there_and_adds_what_is_not(path):
    """What was added just now is not played: who asks twice wants two answers."""
    service = numbered()
    use(path, "once", "ab", service)

    assert use(path, "new_episodes", "bcca", service) == ["2", "3", "4", "1"]
    assert kept(path) == [("a", "1"), ("b", "2"), ("c", "3"), ("c", "4")]


def test_new_episodes_records_where_there_is_no_file(path):
    """It need not be recorded otherwise first."""
    assert use(path, "new_episodes", "a", numbered()) == ["1"]
    assert kept(path) == [("a", "1")]


def test_all_records_anew_and_keeps_what_was_not_asked(path):
    """As in vcrpy: what is recorded takes the place of all that it matches."""
    service = numbered()
    use(path, "once", "abb", service)

    assert use(path, "all", "b", service) == ["4"]
    assert kept(path) == [("a", "1"), ("b", "4")]


def test_nothing_new_leaves_the_file_as_it_is(path):
    """Not a byte of it is written again."""
    use(path, "once", "a", numbered())
    before = path.stat().st_mtime_ns, path.read_bytes()

    use(path, "new_episodes", "a", numbered())

    assert (path.stat().st_mtime_ns, path.read_bytes()) == before


@pytest.mark.parametrize("mode", ["new_episodes", "all"])
def test_a_block_that_fails_leaves_the_old_file(mode, path):
    """What was recorded before is better than half of something new."""
    service = numbered()
    use(path, "once", "a", service)
    before = path.read_bytes()

    with pytest.raises(KeyError), cassette(path, session := make_session(service), record_mode=mode):
        session.get("https://example.com/b")
        raise KeyError

    assert path.read_bytes() == before


@pytest.mark.parametrize("mode", ["none", "once"])
def test_what_is_not_in_the_file_does_not_go_out(mode, path):
    """Neither mode adds to a file that is there."""
    service = numbered()
    use(path, "once", "a", service)

    with pytest.raises(NotRecordedError):
        use(path, mode, "b", service)

    assert len(service.calls) == 1


# All sessions


def test_without_a_session_every_session_is_covered(path):
    """Also those that are made inside of the block; afterwards none is, also after an error."""
    before = requests.Session.get_adapter
    with pytest.raises(NotRecordedError), cassette(record_one(path)):
        assert requests.get("https://example.com/").text == "found"
        requests.get("https://example.com/other")

    assert requests.Session.get_adapter is before


def test_only_one_cassette_is_for_all_sessions_at_once(path):
    """Two would not know whose request it is."""
    with (
        cassette(record_one(path)),
        pytest.raises(CassetteError, match="in use for all sessions already"),
        cassette(path),
    ):
        pass


def record_one(path):
    record(path, lambda session: session.get("https://example.com/"), answers(200, b"found"))
    return path


def test_eight_threads_with_sessions_of_their_own(path):
    """8 threads with 200 requests each: all 1,600 are recorded, and replayed each with its own answer."""

    def ask_all(session):
        def ask(thread):
            urls = [f"https://example.com/{thread}/{number}" for number in range(200)]
            return sum(session.post(url, data=url).text == f"you sent {url}" for url in urls)

        with ThreadPoolExecutor(8) as pool:
            return sum(pool.map(ask, range(8)))

    assert record(path, ask_all, Echo()) == 1600
    assert len(Cassette(path, now=utc_now)) == 1600
    with cassette(path), requests.Session() as session:
        assert ask_all(session) == 1600


@pytest.mark.slow
def test_eight_threads_record_a_server_and_replay_without_it(path):
    """8 threads with 200 requests each over sockets: 1,600 are recorded. Then the server is down, no socket is touched,
    and all 1,600 are replayed.
    """

    def answer(environ, start_response):
        body = environ["wsgi.input"].read()
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    def ask_all(url):
        def ask(thread):
            with requests.Session() as session:
                session.trust_env = False
                texts = [f"{thread}-{number}" for number in range(200)]
                return sum(session.post(url, data=text).text == text for text in texts)

        with ThreadPoolExecutor(8) as pool:
            return sum(pool.map(ask, range(8)))

    with closing(listen("127.0.0.1", 0)) as listener:
        server = HttpServer(answer, listener)
        server.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with cassette(path, record_mode="once"):
            assert ask_all(url) == 1600
        server.drain()
    with socket_watch.looking() as seen, cassette(path):
        assert ask_all(url) == 1600
    assert seen == []


# Age


def test_a_cassette_knows_when_and_against_what_it_was_recorded(path):
    """The time of the oldest interaction, and who answered; vcrpy keeps both when it writes the file again."""
    use(path, "once", "a", numbered(), now=lambda: THEN)
    use(path, "new_episodes", "b", numbered(), now=lambda: THEN + timedelta(days=9))
    with vcr.use_cassette(path, record_mode="new_episodes") as theirs:
        theirs.get_metadata("more", "theirs")

    origin = Cassette(path, now=utc_now).origin
    assert (origin.at, origin.against) == (THEN, {"live"})
    assert kept(path) == [("a", "1"), ("b", "1")]


@pytest.mark.parametrize("oldest", ["30d", timedelta(days=30)])
def test_an_old_cassette_fails_with_its_name(oldest, path):
    """Instead of being recorded again in silence; one day earlier it was young enough."""
    use(path, "once", "a", numbered(), now=lambda: THEN)

    use(path, "none", "a", numbered(), fail_older_than=oldest, now=lambda: THEN + timedelta(days=30))
    with pytest.raises(OldCassetteError, match=r"cassette.yaml was recorded 31 days ago, at 2026-11-02 09:30 UTC"):
        use(path, "new_episodes", "a", numbered(), fail_older_than=oldest, now=lambda: THEN + timedelta(days=31))


def test_a_cassette_that_does_not_say_when_is_no_young_one(path):
    """Others write such files. They replay, unless somebody asks for their age."""
    use(path, "once", "a", numbered())
    path.write_text(path.read_text().partition("version:")[2].join(["version:", ""]))

    assert use(path, "none", "a", numbered()) == ["1"]
    with pytest.raises(OldCassetteError, match="does not say when it was recorded"):
        use(path, "none", "a", numbered(), fail_older_than="9999w")


@pytest.mark.parametrize("text", ["30", "d", "-1d", "1y", "", "1 d", "1.5d"])
def test_what_is_no_age_is_refused(text):
    """With what would be right."""
    with pytest.raises(ValueError, match="write a whole number and a unit, such as 30d, 12h or 2w"):
        read_age(text)


def test_a_wrong_time_in_the_file_is_a_damage(path):
    """It is said like every other one."""
    use(path, "once", "a", numbered())
    path.write_text(path.read_text().replace("recorded_at: '", "recorded_at: 'about "))

    with pytest.raises(UnreadableCassetteError, match=r"recorded_at is 'about .* no time such as"):
        replay(path, lambda session: None)
