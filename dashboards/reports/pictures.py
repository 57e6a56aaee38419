"""Charts of a document as SVG, offline and with our font only; the same spec is drawn once."""

from __future__ import annotations

import hashlib
import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import noto_cjk_sans_jp_bold
import noto_cjk_sans_jp_regular

from dashboards import theme
from dashboards.fonts import DRAWN, DRAWN_FAMILY

FONT = "Noto Sans CJK JP"
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
        kept = self._folder / f"{hashlib.sha256((_versions() + text).encode()).hexdigest()}.svg"
        if kept.is_file():
            return kept.read_text(encoding="utf-8")
        # Vega's renderer reads the whole font for every text it measures: a hundredth of the letters, a third of the time.
        family = DRAWN_FAMILY if DRAWN.is_dir() else FONT
        svg = _converter().vegalite_to_svg(text.replace(FONT, family)).replace(family, FONT)
        # A name of its own: several processes may draw the same chart at once.
        beside = kept.with_suffix(f".{os.getpid()}.partial")
        beside.write_text(svg, encoding="utf-8")
        beside.replace(kept)
        return svg


@cache
def _converter() -> Any:
    # Vega draws time in the zone of the process: with daylight saving a month would be an hour off.
    os.environ["TZ"] = "Asia/Tokyo"
    import vl_convert  # half a second to start: only when a chart is really drawn

    for folder in (*FONT_FOLDERS, DRAWN):
        vl_convert.register_font_directory(str(folder))
    return vl_convert


@cache
def _versions() -> str:
    from importlib.metadata import version

    return version("vl-convert-python")
