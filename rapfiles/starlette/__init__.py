"""Serving and saving files in Starlette and FastAPI (``pip install rapfiles[starlette]``)."""

try:
    import starlette as _starlette  # noqa: F401
except ImportError as _missing:
    raise ImportError("rapfiles.starlette needs Starlette: pip install rapfiles[starlette]") from (
        _missing
    )

from .failures import FileNotServed, UploadTooLarge
from .response import FileResponse
from .service import lifespan, routes
from .static import StaticFiles
from .streaming import stream_file
from .uploads import SavedUpload, save_upload, stream_upload

__all__ = [
    "FileNotServed",
    "FileResponse",
    "SavedUpload",
    "StaticFiles",
    "UploadTooLarge",
    "lifespan",
    "routes",
    "save_upload",
    "stream_file",
    "stream_upload",
]
