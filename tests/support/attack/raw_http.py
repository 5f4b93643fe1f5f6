"""Bytes on a plain socket, because a well-behaved client refuses to send most of what a door may be sent."""

import contextlib
import http.client
import socket
from collections.abc import Sequence

import httpx
import msgspec

CHUNK = 16_384
Header = tuple[bytes, bytes]


class RawRequest(msgspec.Struct, frozen=True):
    """One request, as bytes: nothing of it is checked or put right."""

    method: bytes
    target: bytes
    headers: Sequence[Header] = ()
    body: bytes = b""
    chunked: bool = False

    def with_headers(self, headers: Sequence[Header]) -> "RawRequest":
        return msgspec.structs.replace(self, headers=(*self.headers, *headers))

    def to_bytes(self, host: str) -> bytes:
        headers = [(b"Host", host.encode()), *self.headers]
        body = self.body
        if self.chunked:
            headers.append((b"Transfer-Encoding", b"chunked"))
            parts = [body[at : at + CHUNK] for at in range(0, len(body), CHUNK)]
            body = b"".join(b"%x\r\n%b\r\n" % (len(it), it) for it in [*parts, b""])
        elif body or self.method == b"POST":
            headers.append((b"Content-Length", b"%d" % len(body)))
        lines = [b"%b %b HTTP/1.1" % (self.method, self.target), *(b"%b: %b" % it for it in headers)]
        return b"\r\n".join([*lines, b"", body])


class Wire:
    """A connection that is kept open for as long as the door keeps it."""

    def __init__(self, address: str, patience: float = 30) -> None:
        url = httpx.URL(address)
        self.host, self.port, self._patience = url.host, url.port, patience
        self._socket: socket.socket | None = None

    def ask(self, request: RawRequest) -> httpx.Response | None:
        """What the door answers; None when it hangs up without a word."""
        content = request.to_bytes(f"{self.host}:{self.port}")
        if self._socket is not None and (answer := self._try(request, content)) is not None:
            return answer
        # A door may close a connection that rested; on a new one it has no such reason.
        self.close()
        self._socket = socket.create_connection((self.host, self.port), self._patience)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._try(request, content)

    def _try(self, request: RawRequest, content: bytes) -> httpx.Response | None:
        assert self._socket is not None
        with contextlib.suppress(ConnectionError):  # it need not read all of what it refuses
            self._socket.sendall(content)
        answer = http.client.HTTPResponse(self._socket, method=request.method.decode("ascii", "replace"))
        try:
            answer.begin()
            body = answer.read()
        except (ConnectionError, http.client.HTTPException):
            self.close()
            return None
        if answer.will_close:
            self.close()
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.getheaders()]
        return httpx.Response(answer.status, headers=headers, content=body)

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
