"""What `python -m dashboards` serves: Streamlit's server with our document around the app, its slow imports already under way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from threading import Thread

import streamlit as st
from starlette.middleware import Middleware

from dashboards.document import OurDocument


@asynccontextmanager
async def _imports_under_way(_: st.App) -> AsyncIterator[None]:
    """Pages need pandas, Altair and DuckDB, seconds of import: begin when the server is there, not at the first visit."""
    Thread(target=import_module, args=("dashboards.app_pages",), daemon=True).start()
    yield


app = st.App(Path(__file__).with_name("app.py"), lifespan=_imports_under_way, middleware=[Middleware(OurDocument)])
