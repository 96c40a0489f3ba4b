"""Bodies that are packed, or say so."""

import gzip
import zlib

import pytest
import yaml

from mock_servers.harness.cassettes import CassetteError
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
