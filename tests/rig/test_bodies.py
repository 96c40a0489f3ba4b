"""Which headers announce a body that can be read, and which only look odd."""

import io
from http.client import parse_headers

import pytest

from mock_servers.rig.bodies import UnreadableBodyError, read_body


def headers(*lines):
    return parse_headers(io.BytesIO(b"".join(line + b"\r\n" for line in (*lines, b""))))


@pytest.mark.parametrize(
    "content_type",
    [b"multipart/form-data; boundary=x", b"multipart/mixed", b"message/rfc822", b"message/partial", b"text/plain"],
)
def test_a_type_of_mail_is_a_content_type_like_any_other(content_type):
    """Python's reader misses the parts of a mail; that once refused every multipart request as malformed. (Ours)"""
    body = read_body(headers(b"Content-Type: " + content_type, b"Content-Length: 8"), io.BytesIO(b'{"d":[]}'))
    assert body.content == b'{"d":[]}'


@pytest.mark.parametrize("line", [b"no header at all", b"Name : with a space"])
def test_a_line_that_is_no_header_is_refused(line):
    """Two readers could understand it in two ways. (RFC 9112, 5.1)"""
    with pytest.raises(UnreadableBodyError, match="malformed"):
        read_body(headers(b"Content-Type: multipart/mixed", line, b"Content-Length: 0"), io.BytesIO())
