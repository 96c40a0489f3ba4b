"""Bodies that are packed, or say so."""

import gzip
import zlib

import pytest
import yaml

from mock_servers.harness.cassettes import CassetteError, UnreadableCassetteError, cassette
from mock_servers.rig.transport import make_session
from tests.harness.echo import PASSCODE, UPLOAD, Echo, record, replay

BODY = b'{"note": "' + PASSCODE.encode() + b'"}'


def raw_deflate(body: bytes) -> bytes:
    packing = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packing.compress(body) + packing.flush()


def post(body: bytes, packing: str):
    headers = {"Content-Encoding": packing, "Content-Type": "application/json"}
    return lambda session: session.post(UPLOAD, data=body, headers=headers).status_code


@pytest.mark.parametrize(
    ("packed", "packing"),
    [
        pytest.param(gzip.compress(BODY), "gzip", id="gzip"),
        pytest.param(gzip.compress(BODY), "GZIP", id="in capitals"),
        pytest.param(zlib.compress(BODY), "deflate", id="zlib, as deflate is meant"),
        pytest.param(raw_deflate(BODY), "deflate", id="deflate, as some take it"),
        pytest.param(BODY, "gzip", id="not packed at all"),
    ],
)
def test_nothing_hides_in_a_packed_body(packed, packing, path):
    """It is kept unpacked, so it can be scrubbed and read; packed in another way it is the same request."""
    record(path, post(packed, packing), Echo(), secrets=[PASSCODE])

    assert yaml.safe_load(path.read_bytes())["interactions"][0]["request"]["body"] == '{"note": ":censored-1:"}'
    assert replay(path, post(packed, packing), secrets=[PASSCODE]) == 200
    assert replay(path, post(gzip.compress(BODY, 1, mtime=1), "gzip"), secrets=[PASSCODE]) == 200


@pytest.mark.parametrize(
    "packed",
    [
        pytest.param(gzip.compress(BODY)[:-9], id="cut off"),
        pytest.param(gzip.compress(BODY * 99)[:40] + b"\xff" * 40, id="damaged"),
        pytest.param(zlib.compress(BODY)[:-5], id="cut off, as deflate"),
    ],
)
def test_what_cannot_be_unpacked_is_neither_sent_nor_recorded(packed, path):
    """A secret may be in it, and nobody could see it there."""
    service = Echo()
    with pytest.raises(CassetteError, match="cannot be unpacked"):
        record(path, post(packed, "gzip"), service, secrets=[PASSCODE])

    assert service.calls == []
    assert not path.exists()


@pytest.mark.parametrize("packing", ["gzip", "deflate", "Gzip"])
@pytest.mark.parametrize(
    ("body", "is_readable"),
    [
        pytest.param(gzip.compress(b"hello"), True, id="packed"),
        pytest.param(zlib.compress(b"hello"), True, id="packed by zlib"),
        pytest.param(b"hello", True, id="not packed, as vcrpy writes it"),
        pytest.param(gzip.compress(b"hello")[:-9], False, id="cut off"),
    ],
)
def test_an_answer_in_a_foreign_file_may_be_packed(body, is_readable, packing, path):
    """It is unpacked when the file is opened: what cannot be is said at once, and the file can be continued."""
    interaction = {
        "request": {"method": "GET", "uri": "https://example.com/", "body": None, "headers": {}},
        "response": {
            "status": {"code": 200, "message": "OK"},
            "headers": {"content-encoding": [packing]},
            "body": {"string": body},
        },
    }
    path.parent.mkdir()
    path.write_text(yaml.safe_dump({"version": 1, "interactions": [interaction]}))
    ask = lambda session: session.get("https://example.com/").text  # noqa: E731

    if is_readable:
        assert replay(path, ask) == "hello"
        session = make_session(Echo())
        with cassette(path, session, record_mode="new_episodes"):
            session.get("https://example.com/more")
        assert replay(path, ask) == "hello"
    else:
        with pytest.raises(UnreadableCassetteError, match=f"packed with {packing} cannot be unpacked"):
            replay(path, ask)
