"""Whatever is posted wherever: a documented answer, and a call that was refused leaves nothing behind."""

import msgspec
import pytest

PATHS = [
    "/1/upload",
    "/1/profiles.json",
    "/1/events.json",
    "/1/counts/profiles.json",
    "/1/counts/events.json",
    "/1/delete/profiles.json",
    "/1/demerge/profiles.json",
    "/1/disassociate",
    "/1/subscribe",
]
ADA = {"type": "profile", "identity": "u-1", "profileData": {"Email": "a@b.de", "Phone": "+14155550100"}}
PLAIN = {
    "d": [
        {"type": "profile", "identity": "u-2"},
        {"type": "phone", "value": "+14155550100", "status": "Unsubscribe"},
        {"type": "event", "identity": "u-1", "evtName": "Seen"},
    ],
    "event_name": "Seen",
    "from": 20261102,
    "to": 20261102,
    "identity": "u-1",
    "identities": ["u-1"],
}
"""A body that every one of the routes takes."""


def without(member):
    return {name: value for name, value in PLAIN.items() if name != member}


def with_literal(text):
    """The plain body with one more value, written as it is."""
    return b'{"x": ' + text + b", " + msgspec.json.encode(PLAIN)[1:]


def nested(depth):
    return b"[" * depth + b"]" * depth


MALFORMED = [
    pytest.param(b"", id="nothing"),
    pytest.param(b"\x00", id="a zero byte"),
    pytest.param(b"d=1&identity=u-1", id="a form"),
    pytest.param(msgspec.json.encode(PLAIN)[:-1], id="cut off"),
    pytest.param(msgspec.json.encode(PLAIN) + b"}", id="more after the end"),
    pytest.param(msgspec.json.encode(PLAIN)[:-1] + b",}", id="a trailing comma"),
    pytest.param(b"/* a comment */" + msgspec.json.encode(PLAIN), id="a comment before"),
    pytest.param(msgspec.json.encode(PLAIN)[:-1] + b"// a comment\n}", id="a comment inside"),
    pytest.param(msgspec.json.encode(PLAIN).replace(b'"', b"'"), id="single quotes"),
    pytest.param(b"\xef\xbb\xbf" + msgspec.json.encode(PLAIN), id="a byte order mark"),
    pytest.param(msgspec.json.encode(PLAIN).decode().encode("utf-16"), id="UTF-16"),
    pytest.param(with_literal('"é"'.encode("latin-1")), id="Latin-1"),
    pytest.param(with_literal(rb'"\ud800"'), id="half a surrogate pair"),
    pytest.param(with_literal(b'"\xed\xa0\x80"'), id="half a surrogate pair as bytes"),
    pytest.param(with_literal(b'"\n"'), id="a bare line break in a text"),
    pytest.param(with_literal(b"NaN"), id="NaN"),
    pytest.param(with_literal(b"-Infinity"), id="minus infinity"),
    pytest.param(with_literal(b"1e999"), id="a number beyond every float"),
    pytest.param(with_literal(b"1" * 5000), id="a number of 5000 digits"),
    pytest.param(with_literal(b"01"), id="a number that begins with zero"),
    pytest.param(with_literal(nested(100_000)), id="nested a hundred thousand deep"),
    pytest.param(b"[" * 1_000_000, id="a million brackets"),
    pytest.param(b'{"d":' * 100_000, id="a hundred thousand objects"),
    pytest.param(b"[]", id="a list"),
    pytest.param(b"[" + msgspec.json.encode(PLAIN) + b"]", id="the body in a list"),
    pytest.param(b"null", id="null"),
    pytest.param(b"true", id="true"),
    pytest.param(b"5", id="a number"),
    pytest.param(b'"' + b"x" * 10_000_000 + b'"', id="a text of 10 MB"),
    pytest.param(b"{}", id="an empty object"),
    pytest.param(b'{"x": [' + b"0," * 5_000_000 + b"0]}", id="a list of 10 MB"),
]
ODD = [
    pytest.param(with_literal(b"1" * 400), id="a number of 400 digits"),
    pytest.param(with_literal(b"-0.0"), id="minus zero"),
    pytest.param(with_literal(nested(60)), id="nested 60 deep"),
    pytest.param(with_literal(nested(400)), id="nested 400 deep where nobody looks"),
    pytest.param(with_literal(b'"' + b"x" * 10_000_000 + b'"'), id="10 MB where nobody looks"),
    pytest.param(b'{"identity": "u-9", "d": 5, ' + msgspec.json.encode(PLAIN)[1:], id="members twice"),
    *(
        pytest.param({**PLAIN, "d": value}, id=f"d: {title}")
        for title, value in {
            "a number": 5,
            "an object": {"0": {}},
            "nulls and lists": [None, [], [[]], 5, "x", True],
            "empty objects": [{}, {}],
            "wrong types": [
                {name: [{"a": []}] for name in ("type", "identity", "value", "status", "ts", "profileData")}
            ],
            "huge numbers": [{"type": "event", "identity": 10**300, "ts": 10**300, "evtName": "x"}, 10**400],
            "a text of 10 MB": [{"type": "profile", "identity": "u-1", "profileData": {"a": "x" * 10_000_000}}],
            "control characters": [{"type": "profile", "identity": "\x00\n\x7f", "profileData": {"\x00": "\x00"}}],
            "nested deep": [{"type": "profile", "identity": "u-1", "profileData": {"a": [[[[[[[[{}]]]]]]]]}}],
        }.items()
    ),
    *(
        pytest.param({**PLAIN, name: value}, id=f"{name}: {title}")
        for name in ("event_name", "from", "identity", "identities", "event_properties", "advanced_query")
        for title, value in {
            "a huge number": 10**400,
            "an object": {"a": {"b": []}},
            "a list of everything": [None, {}, [], 1.5, "x", True, -1],
            "control characters": "\x00\n",
            "a fraction": 1e-300,
        }.items()
    ),
    *(pytest.param(without(name), id=f"without {name}") for name in PLAIN),
]


@pytest.fixture
def contents(database):
    """Everything that is stored, table by table."""

    def read():
        with database.read() as connection:
            tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
            return {name: [tuple(row) for row in connection.execute(f"SELECT * FROM {name}")] for name in tables}

    return read


@pytest.mark.parametrize("path", PATHS)
def test_the_plain_body_is_taken(caller, path):
    """So that the tables here differ from what is right in one thing."""
    caller.upload(ADA)
    status, told = caller.post(path, PLAIN)
    assert status == 200, told


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", MALFORMED)
def test_a_malformed_body_is_a_400_everywhere(caller, contents, path, body):
    """The fail envelope, and nothing is stored. (CleverTap's bulk tool: observed for bad JSON; else assumed)"""
    caller.upload(ADA)
    before = contents()
    status, told = caller.post(path, body)
    assert (status, told["status"], told["code"]) == (400, "fail", 400)
    assert len(told["error"]) < 1000
    assert contents() == before


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", ODD)
def test_an_odd_body_gets_a_documented_answer(caller, contents, path, body):
    """200, or 400 and nothing is stored; and what is there can be read afterwards. (Assumed)"""
    caller.upload(ADA, {"type": "event", "identity": "u-1", "evtName": "Seen"})
    before = contents()
    status, told = caller.post(path, body)
    if status == 400:
        assert (told["status"], told["code"]) == ("fail", 400)
        assert contents() == before
    else:
        assert (status, told["status"] in {"success", "partial", "fail"}) == (200, True)
    question = {"event_name": "Seen", "from": 20261101, "to": 20261103}
    for export in ("/1/profiles.json", "/1/events.json"):
        caller.records(export, question)


@pytest.mark.parametrize("path", PATHS)
def test_the_order_of_refusals(caller, path):
    """Credentials before everything, then the method, then the body. (Section 9; assumed)"""
    wrong = {"x-clevertap-passcode": "wrong"}
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert caller.ask(method, path, body=b"not json", headers=wrong).status == 401
    for method in ("PUT", "DELETE", "PATCH"):
        answer = caller.ask(method, path, body=b"not json")
        assert (answer.status, answer.payload["status"], answer.payload["code"]) == (405, "fail", 405)
    assert caller.ask("POST", path, body=b"not json").status == 400
    assert caller.ask("POST", f"/us1{path}", body=b"not json").status == 401


def test_what_is_only_read_takes_no_body(caller):
    """A POST to it is a 405, whatever it says. (8.22; documented)"""
    for path in ("/1/profile.json", "/v1/connect"):
        assert caller.ask("POST", path, body=b"not json").status == 405
        assert caller.ask("GET", path, body=b"not json", identity="x", partner="x").status == 200
