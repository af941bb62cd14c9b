"""A little file service: upload, list, search, download with ranges, delete.

    python examples/fastapi_files/service.py [--directory files] [--port 8000]

What it can do is shown at http://127.0.0.1:8000/docs.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Annotated, Any

import uvicorn
from fastapi import FastAPI, HTTPException, Query, Request, UploadFile
from starlette.requests import ClientDisconnect

import rapfiles
from rapfiles.starlette import StaticFiles, lifespan, routes, save_upload, stream_upload

MAX_BYTES = 1 << 30


def create(directory: str | os.PathLike[str]) -> FastAPI:
    """The application, with its files in that directory."""
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    app = FastAPI(title="Files", lifespan=lifespan, routes=routes(directories=[folder]))

    def place(name: str | None) -> Path:
        """Where a file of this name is, or would be. Temporary files are hidden: so is no other."""
        if not name or name.startswith(".") or "/" in name or "\0" in name:
            raise HTTPException(422, "not a name for a file")
        return folder / name

    @app.get("/files")
    async def listed(pattern: str = "*") -> list[dict[str, Any]]:
        """All files whose names match."""
        found = rapfiles.walk(folder, hidden=False, filter=pattern, sort=True, max_depth=1)
        files = [entry async for entry in found if entry.is_file()]
        sizes = [(await rapfiles.os.stat(entry)).st_size for entry in files]
        return [{"name": file.name, "size": size} for file, size in zip(files, sizes, strict=True)]

    @app.get("/search")
    async def search(
        text: Annotated[str, Query(min_length=1)], most: int = 100
    ) -> list[dict[str, Any]]:
        """Lines with this text."""
        results = []
        async with rapfiles.search(text, root=folder, fixed_strings=True, sort="name") as found:
            async for result in found:
                name = os.path.basename(os.fspath(result.path))
                line = {"name": name, "line": result.line_number, "text": result.line_text}
                results.append(line)
                if len(results) >= most:
                    break
        return results

    @app.post("/files", status_code=201)
    async def upload(file: UploadFile, overwrite: bool = False) -> dict[str, Any]:
        """Saves the file of a form."""
        path = place(file.filename)
        try:
            saved = await save_upload(
                file, path, max_bytes=MAX_BYTES, hash="sha256", overwrite=overwrite
            )
        except FileExistsError:
            raise HTTPException(409, "there is such a file") from None
        return {"name": path.name, "size": saved.size, "sha256": saved.digest}

    @app.put("/files/{name}")
    async def put(name: str, request: Request) -> dict[str, Any]:
        """Saves the body of the request, in place of what is there."""
        path = place(name)
        try:
            saved = await stream_upload(
                request, path, max_bytes=MAX_BYTES, hash="sha256", overwrite=True
            )
        except ClientDisconnect:
            raise HTTPException(400, "not all of it has come") from None
        return {"name": name, "size": saved.size, "sha256": saved.digest}

    @app.delete("/files/{name}", status_code=204)
    async def delete(name: str) -> None:
        """Removes a file."""
        try:
            await rapfiles.os.unlink(place(name))
        except (FileNotFoundError, IsADirectoryError):
            raise HTTPException(404) from None

    # What isn't one of the above is a download: ranges, conditions and HEAD included.
    app.mount("/files", StaticFiles(directory=folder))
    return app


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--directory", default="files")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    given = parser.parse_args()
    uvicorn.run(create(given.directory), host=given.host, port=given.port)


if __name__ == "__main__":
    main()
