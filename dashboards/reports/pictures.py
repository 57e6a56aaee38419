"""Charts of a document as SVG or PNG, offline and with our font only; the same spec is drawn once."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import noto_cjk_sans_jp_bold
import noto_cjk_sans_jp_regular

from dashboards import theme

FONT = "Noto Sans CJK JP"
PNG_SCALE = 2  # pixels of a PNG for a pixel of the screen
FONT_FOLDERS = tuple(
    Path(str(path)).parent for path in (noto_cjk_sans_jp_regular.FONT_PATH, noto_cjk_sans_jp_bold.FONT_PATH)
)


class Gallery:
    """Draws specs; what was drawn is kept in `folder` under the hash of the spec, also for the next process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def svg(self, spec: dict[str, Any]) -> str:
        """The chart as SVG text."""
        text = json.dumps(spec, ensure_ascii=False, sort_keys=True).replace(theme.FONT, FONT)
        return self._kept(text, ".svg", lambda: _converter().vegalite_to_svg(text).encode()).decode()

    def png(self, spec: dict[str, Any]) -> bytes:
        """The same drawing as PNG, for what cannot hold SVG."""
        svg = self.svg(spec)
        return self._kept(svg, ".png", lambda: _converter().svg_to_png(svg, scale=PNG_SCALE))

    def _kept(self, source: str, ending: str, draw: Callable[[], bytes]) -> bytes:
        """What was drawn of a source before, else drawn now."""
        kept = self._folder / f"{hashlib.sha256((_versions() + source).encode()).hexdigest()}{ending}"
        if kept.is_file():
            return kept.read_bytes()
        drawn = draw()
        # A name of its own: several processes may draw the same chart at once.
        beside = kept.with_name(f"{kept.name}.{os.getpid()}.partial")
        beside.write_bytes(drawn)
        beside.replace(kept)
        return drawn


@cache
def _converter() -> Any:
    # Vega draws time in the zone of the process: with daylight saving a month would be an hour off.
    os.environ["TZ"] = "Asia/Tokyo"
    import vl_convert  # half a second to start: only when a chart is really drawn

    for folder in FONT_FOLDERS:
        vl_convert.register_font_directory(str(folder))
    return vl_convert


@cache
def _versions() -> str:
    from importlib.metadata import version

    return version("vl-convert-python")
