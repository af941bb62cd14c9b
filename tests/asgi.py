"""Requests to an ASGI application, without a server: every message is seen."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Scope

Headers = Mapping[str, str] | Iterable[tuple[str, str]]


@dataclass
class Answer:
    """What came back."""

    messages: list[Message] = field(default_factory=list)

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])

    @property
    def raw_headers(self) -> list[tuple[str, str]]:
        pairs = self.messages[0]["headers"]
        return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in pairs]

    @property
    def headers(self) -> dict[str, str]:
        return dict(self.raw_headers)

    @property
    def body(self) -> bytes:
        return b"".join(bytes(message.get("body", b"")) for message in self.messages[1:])

    @property
    def is_whole(self) -> bool:
        """Whether the last message says that it was the last."""
        return len(self.messages) > 1 and not self.messages[-1].get("more_body", False)


class Client:
    """Receives and sends for an application; goes away after so many messages, if it is to."""

    def __init__(self, goes_after: int | None = None, body: Iterable[bytes] = ()) -> None:
        self.answer = Answer()
        self.gone = asyncio.Event()
        self._goes_after = goes_after
        self._body = list(body)

    async def receive(self) -> Message:
        if self._body:
            chunk = self._body.pop(0)
            return {"type": "http.request", "body": chunk, "more_body": bool(self._body)}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.answer.messages.append(message)
        if self._goes_after is not None and len(self.answer.messages) >= self._goes_after:
            self.gone.set()
        await asyncio.sleep(0)


def scope_of(path: str, method: str = "GET", headers: Headers = (), **more: Any) -> Scope:
    """An HTTP request."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "server": ("test", 80),
        "path": path,
        "raw_path": path.encode("utf-8", "surrogatepass"),
        "root_path": "",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in pairs],
        **more,
    }


async def request(
    app: ASGIApp, path: str = "/", method: str = "GET", headers: Headers = (), **more: Any
) -> Answer:
    """Asks and waits for the whole answer."""
    client = Client()
    await app(scope_of(path, method, headers, **more), client.receive, client.send)
    return client.answer
