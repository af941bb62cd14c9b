"""What a read of standard input has brought after nobody waited for it any more."""

from __future__ import annotations

from typing import Any


class Kept:
    """Text or bytes that come before what the file has. One thread at a time uses it."""

    def __init__(self) -> None:
        self._file: Any = None
        self._data: Any = None

    def put_back(self, file: Any, name: str, args: tuple[Any, ...], result: Any) -> None:
        """Keeps what a call has consumed from the file."""
        if name in ("readinto", "readinto1"):
            result = bytes(memoryview(args[0])[: result or 0])
        elif name == "readlines":
            result = result[0][:0].join(result) if result else None
        elif name == "peek" or not isinstance(result, (str, bytes)):
            return
        if result:
            before = self._data if file is self._file else None
            self._file, self._data = file, result if before is None else result + before

    def answer(self, file: Any, name: str, args: tuple[Any, ...]) -> Any:
        """What the file would have answered, had the kept data not been taken from it."""
        answer = getattr(self, f"_{name}", None)
        if file is not self._file or answer is None:
            return getattr(file, name)(*args)
        return answer(file, self._data, *args)

    def _take(self, data: Any, count: int) -> Any:
        self._data = data[count:]
        if not self._data:
            self._file = self._data = None
        return data[:count]

    def _read(self, file: Any, data: Any, size: int | None = -1, /) -> Any:
        if size is None or size < 0:
            rest = file.read()
            return self._take(data, len(data)) + rest
        if size > len(data):
            rest = file.read(size - len(data))
            return self._take(data, len(data)) + rest
        return self._take(data, size)

    def _read1(self, file: Any, data: bytes, size: int = -1, /) -> Any:
        return self._take(data, len(data) if size < 0 else size)

    def _readinto(self, file: Any, data: bytes, buffer: Any, /) -> int:
        with memoryview(buffer).cast("B") as view:
            count = min(len(data), len(view))
            rest = file.readinto(view[count:]) if count < len(view) else 0
            view[:count] = self._take(data, count)
        return count + (rest or 0)

    def _readinto1(self, file: Any, data: bytes, buffer: Any, /) -> int:
        with memoryview(buffer).cast("B") as view:
            count = min(len(data), len(view))
            view[:count] = self._take(data, count)
        return count

    def _peek(self, file: Any, data: bytes, size: int = 0, /) -> bytes:
        return data

    def _readline(self, file: Any, data: Any, size: int | None = -1, /) -> Any:
        end = data.find("\n" if isinstance(data, str) else b"\n") + 1
        limit = -1 if size is None else size
        if end and (limit < 0 or end <= limit):
            return self._take(data, end)
        if 0 <= limit <= len(data):
            return self._take(data, limit)
        rest = file.readline(limit - len(data) if limit >= 0 else -1)
        return self._take(data, len(data)) + rest

    def _readlines(self, file: Any, data: Any, hint: int | None = -1, /) -> list[Any]:
        lines: list[Any] = []
        total = 0
        while not (hint and 0 < hint <= total):
            line = self.answer(file, "readline", ())
            if not line:
                break
            lines.append(line)
            total += len(line)
        return lines
