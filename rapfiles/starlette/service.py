"""What a service has besides its files: a beginning, an end, and something to look at meanwhile."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from .. import os as _os
from .._settings import metrics
from .prometheus import CONTENT_TYPE, exposition

_log = logging.getLogger("rapfiles.starlette")

DRAIN_SECONDS = 10.0
"""How long the end of a service waits for operations that are under way."""


@asynccontextmanager
async def lifespan(app: object) -> AsyncIterator[None]:
    """The beginning and the end of an application: ``FastAPI(lifespan=lifespan)``.

    It starts the engine before the first request, and when the application ends it waits for the
    operations that are under way, so that no write is cut off. To do more than that, use it within
    a lifespan of your own: ``async with lifespan(app): …``.

    ```python
    from rapfiles.starlette import lifespan

    async with lifespan(None):
        ...
    ```
    """
    await _os.stat(os.curdir)
    try:
        yield
    finally:
        left = await _drained()
        kinds = metrics()["kinds"].values()
        done = sum(kind["now"] + kind["soon"] for kind in kinds)
        _log.info("rapfiles: %d operations, %d of them at once", done, sum(k["now"] for k in kinds))
        if left:
            _log.warning("rapfiles: %d operations are still under way", left)


async def _drained() -> int:
    """Waits until nothing is under way; what is left after a while."""
    loop = asyncio.get_running_loop()
    end = loop.time() + DRAIN_SECONDS
    while (left := metrics()["queued"]) and loop.time() < end:
        await asyncio.sleep(0.02)
    return left


def routes(
    *,
    health: str = "/health",
    metrics: str = "/metrics",
    directories: Sequence[str | os.PathLike[str]] = (),
) -> list[BaseRoute]:
    """Routes that tell how a service is: ``app.router.routes.extend(routes())``.

    Args:
        health: Where the service tells that it is well: 200, or 503 with what isn't.
        metrics: Where `rapfiles.metrics` is told in Prometheus' text format.
        directories: They must be there and may be written to, or the service isn't well.
    """

    async def tell_health(request: Request) -> Response:
        bad = [str(path) for path in directories if not await _usable(path)]
        status = {"status": "ok"} if not bad else {"status": "failing", "directories": bad}
        return JSONResponse(status, 503 if bad else 200)

    async def tell_metrics(request: Request) -> Response:
        return PlainTextResponse(exposition(), media_type=CONTENT_TYPE)

    return [Route(health, tell_health), Route(metrics, tell_metrics)]


async def _usable(path: str | os.PathLike[str]) -> bool:
    return await _os.path.isdir(path) and await _os.access(path, os.R_OK | os.W_OK | os.X_OK)
