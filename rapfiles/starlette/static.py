"""A directory of files, served."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, TypeAlias

from starlette import staticfiles
from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.types import Scope

from .. import _rapfiles
from .cache import Cache
from .conditions import relevant
from .encodings import accepted
from .response import SMALL, FileResponse

if TYPE_CHECKING:
    from .._rapfiles import Served

PathLike: TypeAlias = str | os.PathLike[str]

_NOT_THERE = frozenset(
    {errno.ENOENT, errno.ENOTDIR, errno.EXDEV, errno.ELOOP, errno.ENXIO, errno.ENAMETOOLONG}
)


class StaticFiles(staticfiles.StaticFiles):
    """A directory of files, as Starlette's own `StaticFiles`, whose options it takes.

    The kernel sees to it that nothing outside of the directory is opened, whatever a path says and
    whoever changes the tree at the same moment. Symbolic links are followed if they are relative
    and stay within the directory. Only regular files are served: a FIFO or a device is not found.

    Args:
        directory: The directory.
        packages: Packages, or pairs of a package and one of its directories, to be looked in too.
        html: Serves ``index.html`` for directories, and ``404.html`` where there is nothing.
        check_dir: Whether a directory that isn't there is an error at once.
        follow_symlink: Follows symbolic links wherever they lead. Nothing but the path itself is
            confined then.
        precompressed: Serves ``name.br``, ``name.zst`` or ``name.gz`` in place of ``name`` to
            whoever accepts it.
        cache_size: So many bytes of small files are kept in memory, as long as their time, size and
            inode are the same. It pays where the system can't read without blocking, as in
            containers' own layers.

    ```python
    from httpx import ASGITransport, AsyncClient
    from starlette.applications import Starlette
    from starlette.routing import Mount

    from rapfiles.starlette import StaticFiles

    app = Starlette(routes=[Mount("/files", StaticFiles(directory="."))])
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        print((await client.get("/files/config.json")).json()["name"])  #> demo
        print((await client.get("/files/%2e%2e/passwd")).status_code)  #> 404
    ```
    """

    def __init__(
        self,
        *,
        directory: PathLike | None = None,
        packages: list[str | tuple[str, str]] | None = None,
        html: bool = False,
        check_dir: bool = True,
        follow_symlink: bool = False,
        precompressed: bool = False,
        cache_size: int = 0,
    ) -> None:
        super().__init__(
            directory=directory,
            packages=packages,
            html=html,
            check_dir=check_dir,
            follow_symlink=follow_symlink,
        )
        self.precompressed = precompressed
        self._cache = Cache(cache_size) if cache_size > 0 else None

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The response to a request for this path.

        Raises:
            HTTPException: 404, 405, or 401 for a file that may not be read.
        """
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(status_code=405, headers={"Allow": "GET, HEAD"})
        index = os.path.join(path, "index.html")
        is_folder = scope["path"].endswith("/")
        if self.html and is_folder and (response := await self._response(index, scope)):
            return response
        if response := await self._response(path, scope):
            return response
        if self.html:
            if not is_folder and await self._find(index, None):
                url = URL(scope=scope)
                return RedirectResponse(url=url.replace(path=url.path + "/"))
            if found := await self._find("404.html", _limit(scope)):
                missing = FileResponse(found[0], 404, stat_result=found[1].stat_result)
                return _holding(missing, found[1])
        raise HTTPException(status_code=404)

    def file_response(
        self,
        full_path: PathLike,
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """What a file is served as: the place to add headers."""
        return FileResponse(full_path, status_code, stat_result=stat_result)

    async def _response(self, path: str, scope: Scope) -> Response | None:
        """The response that a file is, if it is one, or one of what it was compressed to."""
        limit = _limit(scope)
        if self.precompressed:
            for coding, suffix in accepted(scope):
                if found := await self._find(path + suffix, limit):
                    full_path = found[0].removesuffix(suffix)
                    return self._varying(self._made(full_path, found[1], scope), coding)
        found = await self._find(path, limit)
        if found is None:
            return None
        response = self._made(*found, scope)
        return self._varying(response, None) if self.precompressed else response

    def _made(self, full_path: str, served: Served, scope: Scope) -> Response:
        return _holding(self.file_response(full_path, served.stat_result, scope), served)

    def _varying(self, response: Response, coding: str | None) -> Response:
        response.headers.add_vary_header("Accept-Encoding")
        if coding is not None:
            response.headers["content-encoding"] = coding
            tag = response.headers.get("etag", '""')
            response.headers["etag"] = f'{tag[:-1]}-{coding}"'
        return response

    async def _find(self, path: str, limit: int | None) -> tuple[str, Served] | None:
        """The file of this path in the first directory that has something there."""
        if path.startswith(("/", "\\")):
            return None
        for directory in self.all_directories:
            full_path = os.path.join(directory, path)
            try:
                served = await self._open(directory, path, limit)
            except ValueError:
                return None
            except PermissionError:
                raise HTTPException(status_code=401) from None
            except OSError as error:
                if error.errno not in _NOT_THERE:
                    raise
            else:
                return (full_path, served) if served.is_file else None
        return None

    async def _open(self, directory: PathLike, path: str, limit: int | None) -> Served:
        confined: PathLike | None = directory
        if self.follow_symlink:
            if os.path.normpath(path).startswith(".."):
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
            path, confined = os.path.join(directory, path), None
        if self._cache is not None:
            return await self._cache.serve(path, limit, confined)
        return await _rapfiles.serve_file(path, limit, confined)


def _limit(scope: Scope) -> int | None:
    """How far a file is read as it is opened."""
    if scope["method"] == "HEAD":
        return None
    return 0 if relevant(scope) else SMALL


def _holding(response: Response, served: Served) -> Response:
    """The response sends what was opened, not what is there when it is sent."""
    if isinstance(response, FileResponse):
        response._served = served
    return response
