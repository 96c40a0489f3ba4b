"""The body of a request, read from its connection to the last byte and no further."""

from dataclasses import dataclass
from email.errors import (
    CloseBoundaryNotFoundDefect,
    InvalidMultipartContentTransferEncodingDefect,
    MultipartInvariantViolationDefect,
    NoBoundaryInMultipartDefect,
    StartBoundaryNotFoundDefect,
)
from email.message import Message
from io import BufferedIOBase

LARGEST_BODY = 64 * 1024 * 1024
"""Bytes; a larger body is not read, and answered with 413."""

LONGEST_LINE = 8_192


class UnreadableBodyError(Exception):
    """Where the body ends cannot be told, or it broke off; nothing more can be read from the connection."""


@dataclass(frozen=True, slots=True)
class Body:
    """What was read. `length` is what was announced, or more than may be; then `content` is empty and it `is_cut`."""

    content: bytes
    length: int

    @property
    def is_cut(self) -> bool:
        """Was it too large to be read?"""
        return self.length > len(self.content)


def read_body(headers: Message, stream: BufferedIOBase) -> Body:
    """The body that these headers announce. Raises `UnreadableBodyError`.

    Source: RFC 9112, section 6.
    """
    _check(headers)
    if coding := headers.get("Transfer-Encoding", "").strip().lower():
        if coding != "chunked":
            raise UnreadableBodyError(f"the transfer coding {coding} is not known here")
        return _read_chunks(stream)
    lengths = {part.strip() for each in headers.get_all("Content-Length", []) for part in each.split(",")}
    if not lengths:
        return Body(b"", 0)
    [length, *others] = lengths
    if others or not (length.isascii() and length.isdigit() and len(length) < 16):
        raise UnreadableBodyError("Content-Length is not one number")
    size = int(length)
    return Body(b"", size) if size > LARGEST_BODY else Body(_read(stream, size), size)


_OF_A_MAIL = (
    StartBoundaryNotFoundDefect, CloseBoundaryNotFoundDefect, NoBoundaryInMultipartDefect,
    MultipartInvariantViolationDefect, InvalidMultipartContentTransferEncodingDefect,
)  # fmt: skip
"""What Python's reader of headers says of a mail whose parts are missing; here they are in the body, or nowhere."""


def _payload(headers: Message) -> bool:
    """Did lines follow that are no headers? A type such as `message/rfc822` makes an empty mail of none."""
    payload = headers.get_payload()
    return bool(payload.strip()) if isinstance(payload, str) else False


def _check(headers: Message) -> None:
    """Headers that two readers could understand in two ways are refused. Source: RFC 9112, 5.1, 3.2 and 6.1."""
    defects = [defect for defect in headers.defects if not isinstance(defect, _OF_A_MAIL)]
    if defects or _payload(headers) or any(name != name.strip() for name in headers):
        raise UnreadableBodyError("a header line is malformed")
    for name in ("Host", "Transfer-Encoding"):
        if len(headers.get_all(name, [])) > 1:
            raise UnreadableBodyError(f"{name} stands there twice")
    if "Transfer-Encoding" in headers and "Content-Length" in headers:
        raise UnreadableBodyError("Transfer-Encoding and Content-Length exclude each other")


def _read(stream: BufferedIOBase, size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise UnreadableBodyError("the body broke off before its end")
    return content


def _read_chunks(stream: BufferedIOBase) -> Body:
    chunks, total = [], 0
    while size := _chunk_size(stream):
        total += size
        if total > LARGEST_BODY:
            return Body(b"", total)
        chunks.append(_read(stream, size))
        if _read_line(stream).strip():
            raise UnreadableBodyError("a chunk is longer than it says")
    while _read_line(stream).strip():
        pass  # trailing headers mean nothing to us
    return Body(b"".join(chunks), total)


def _chunk_size(stream: BufferedIOBase) -> int:
    digits = _read_line(stream).partition(b";")[0].strip()
    if not digits or len(digits) > 12 or digits.strip(b"0123456789abcdefABCDEF"):
        raise UnreadableBodyError("a chunk does not say its size")
    return int(digits, 16)


def _read_line(stream: BufferedIOBase) -> bytes:
    line = stream.readline(LONGEST_LINE)
    if not line.endswith(b"\n"):
        raise UnreadableBodyError("the body broke off before its end")
    return line
