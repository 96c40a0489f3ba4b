"""The sessions that all HTTP between the parts goes through.

In process, `DirectAdapter` stands at `http://` and `https://` and calls the servers' pipeline without a socket,
by the vendors' real host names; an unknown host is an error. Served for real, `GuardedAdapter` calls only
addresses that the guard permits, and the very address that was checked.
"""

import io
import socket
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

import requests
import urllib3
import urllib3.connection
from requests.adapters import BaseAdapter, HTTPAdapter

from .clock import Clock, stopwatch
from .exchange import Request
from .guard import Guard, RefusedAddressError, host_name
from .hosts import UnknownHostError, find_server
from .http import Server, serve, wire_headers
from .journal import Journal

LARGEST_ANSWER = 64 * 2**20
"""Bytes of an answer that a service of ours takes in."""


class ForbiddenAddressError(requests.ConnectionError):
    """The call is not let out: the guard forbids it, or nothing in this process stands behind the host."""


class AnswerTooLargeError(requests.RequestException):
    """Somebody answers without end: what is not needed is not kept."""


class DirectAdapter(HTTPAdapter):
    """Answers from servers in this process. `hosts` maps a host, or a suffix such as `.pipedrive.com`, to one."""

    is_rig = True
    """What it answers was never said by the real service, whatever the host is called."""

    def __init__(self, hosts: Mapping[str, Server]):
        super().__init__()
        self._hosts = hosts

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Serve the request here and now."""
        url = urlsplit(str(request.url))
        try:
            server = find_server(self._hosts, url.hostname or "")
        except UnknownHostError as problem:
            raise ForbiddenAddressError(str(problem), request=request) from problem
        answer = serve(server, to_request(request))
        body = answer.body()
        headers = wire_headers(server, answer, body)
        raw = urllib3.HTTPResponse(io.BytesIO(body), headers, answer.status, preload_content=False)
        return self.build_response(request, raw)


class GuardedAdapter(HTTPAdapter):
    """Calls over sockets, where the guard permits it. A plain call takes no longer than its time-out, whatever is
    answered; over TLS the time-out is for each read, as `requests` has it.
    """

    def __init__(self, guard: Guard):
        super().__init__()
        self._guard = guard

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Let plain connections heed the deadline of the call."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {**self.poolmanager.pool_classes_by_scheme, "http": _TimedPool}

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Check where the name leads, call exactly there, and read the answer, which is not endless."""
        timeout = kwargs.get("timeout")
        seconds = timeout if isinstance(timeout, int | float) else None
        before = _deadline.set(None if seconds is None else stopwatch() + seconds)
        try:
            response = self._call(request, *args, **{**kwargs, "stream": True})
            _read_whole(response)
        finally:
            _deadline.reset(before)
        return response

    def _call(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        url = urlsplit(str(request.url))
        host, port = url.hostname or "", url.port or (443 if url.scheme == "https" else 80)
        try:
            address = self._guard.permitted_address(host, port, unquote(url.path))
        except RefusedAddressError as refusal:
            raise ForbiddenAddressError(str(refusal), request=request) from refusal
        if address is None or address == host:
            return super().send(request, *args, **kwargs)
        pinned = request.copy()
        pinned.headers["Host"] = url.netloc.rpartition("@")[2]
        shown = f"[{address}]" if ":" in address else address
        pinned.url = urlunsplit(url._replace(netloc=f"{shown}:{port}"))
        response = super().send(pinned, *args, **kwargs)
        response.request, response.url = request, str(request.url)
        return response

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: bool | str, cert: Any = None
    ) -> Any:
        """For TLS, the certificate must fit the name that was asked for, not the address behind it."""
        host_params, pool_kwargs = super().build_connection_pool_key_attributes(request, verify, cert)
        name = host_name(str(request.headers.get("Host") or ""))
        if name and host_params["scheme"] == "https":
            return host_params, {**pool_kwargs, "server_hostname": name, "assert_hostname": name}
        return host_params, pool_kwargs


_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
"""When the call that is being made must have ended, by the stopwatch; None for never."""


def _seconds_left() -> float | None:
    """Until the deadline. Raises `TimeoutError` once it has passed."""
    deadline = _deadline.get()
    if deadline is None:
        return None
    left = deadline - stopwatch()
    if left <= 0:
        raise TimeoutError("timed out")
    return left


class _TimedSocket(socket.socket):
    """A socket whose every wait ends with the deadline, so that a byte a second does not prolong a call for ever."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        left = _seconds_left()
        if left is not None:
            self.settimeout(left)
        return super().recv_into(*args, **kwargs)


class _TimedConnection(urllib3.connection.HTTPConnection):
    def _new_conn(self) -> socket.socket:
        plain = super()._new_conn()
        timeout = plain.gettimeout()
        timed = _TimedSocket(plain.family, plain.type, plain.proto, fileno=plain.detach())
        timed.settimeout(timeout)
        return timed


class _TimedPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _TimedConnection


def _read_whole(response: requests.Response) -> None:
    """Read the body of an answer. Raises `ReadTimeout` after the deadline, `AnswerTooLargeError` if it has no end."""
    parts, size = [], 0
    for part in response.iter_content(65_536):
        parts.append(part)
        size += len(part)
        if size > LARGEST_ANSWER:
            response.close()
            message = f"The answer is larger than {LARGEST_ANSWER // 2**20} MiB."
            raise AnswerTooLargeError(message, response=response)
        try:
            _seconds_left()
        except TimeoutError:
            response.close()
            raise requests.ReadTimeout("The answer took too long.", response=response) from None
    vars(response).update(_content=b"".join(parts), _content_consumed=True)  # as `requests` itself keeps what it read


class RecordingAdapter(BaseAdapter):
    """Writes every call into the journal, around the adapter that makes it."""

    def __init__(self, inner: BaseAdapter, server: str, journal: Journal, clock: Clock):
        super().__init__()
        self.inner = inner
        self.is_rig: bool = getattr(inner, "is_rig", False)
        self._server = server
        self._journal = journal
        self._clock = clock

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Make the call and note it, also when nothing comes back."""
        started, at = stopwatch(), self._clock.milliseconds()
        response, problem = None, None
        try:
            response = self.inner.send(request, *args, **kwargs)
        except requests.RequestException as error:
            problem = str(error)
            raise
        else:
            return response
        finally:
            body = request.body or b""
            self._journal.add(
                self._server,
                "out",
                at,
                stopwatch() - started,
                str(request.method),
                str(request.url),
                dict(request.headers),
                body if isinstance(body, bytes) else str(body).encode(),
                None if response is None else response.status_code,
                {} if response is None else dict(response.headers),
                b"" if response is None else response.content,
                problem,
            )

    def close(self) -> None:
        """Close the adapter inside."""
        self.inner.close()


def to_request(prepared: requests.PreparedRequest) -> Request:
    """A prepared `requests` request as our own."""
    url = urlsplit(str(prepared.url))
    headers = {name.lower(): _header_text(value) for name, value in prepared.headers.items()}
    headers.setdefault("host", url.netloc.rpartition("@")[2])
    body = prepared.body or b""
    return Request(
        method=str(prepared.method),
        path=unquote(url.path) or "/",
        query=dict(parse_qsl(url.query, keep_blank_values=True)),
        headers=headers,
        body=body if isinstance(body, bytes) else str(body).encode(),
        scheme=url.scheme,
        query_string=url.query,
    )


def _header_text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


class _StraightSession(requests.Session):
    def resolve_redirects(self, *_: Any, **__: Any) -> Iterator[requests.Response]:
        """A redirect is an answer like any other: nobody is led anywhere."""
        return iter(())


def make_session(adapter: BaseAdapter) -> requests.Session:
    """A session that goes through `adapter` for everything, follows no redirects and no proxy settings, and keeps no
    cookies.
    """
    session = _StraightSession()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for prefix in ("http://", "https://"):
        session.mount(prefix, adapter)
    return session
