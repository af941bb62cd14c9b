"""Serving and saving files in Starlette and FastAPI (``pip install rapfiles[starlette]``)."""

try:
    import starlette as _starlette  # noqa: F401
except ImportError as _missing:
    raise ImportError("rapfiles.starlette needs Starlette: pip install rapfiles[starlette]") from (
        _missing
    )

from .failures import FileNotServed
from .response import FileResponse
from .static import StaticFiles

__all__ = ["FileNotServed", "FileResponse", "StaticFiles"]
