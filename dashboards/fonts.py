"""The Japanese web font: cut from the locked Noto packages into `dashboards/static/`, once, at set-up or first start.

`core` (regular and bold) holds every character of the project's own texts and reference tables and the letters of names;
`rest` (regular) the remainder of JIS X 0208: the style sheet's unicode-range lets a browser fetch it only when it needs it.
`drawn/` has the core once more, uncompressed, for who draws the charts of documents.
Run as `python -m dashboards.fonts`. Not here: which family a text uses (theme.py).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from itertools import groupby
from pathlib import Path

from dashboards.home import PROJECT, STATIC

FAMILY = "Kasane Sans"
STYLE_SHEET = STATIC / "fonts.css"
DRAWN_FAMILY, DRAWN = "Kasane Drawn", STATIC / "drawn"
PACKAGES = {400: "noto_cjk_sans_jp_regular", 700: "noto_cjk_sans_jp_bold"}
# Letters of names and signs that JIS X 0208 lacks: 髙﨑𠮷 and the like, and the symbols people type.
NAME_LETTERS = (
    "髙﨑𠮷德瀨濵祐栁賴晴塚都隆福﨟﨣桒彅渕龍邊邉齋齊葛辻祇鷗〜−–—‐…·•①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳㈱㈲㍻㋿№℡✓▲△▼▽■□●○◆◇"
)
TEXTS = ("dashboards/**/*.py", "dashboards/**/*.typ", "data/reference/*.csv", "expectations/**/*.yaml")
TEXTS_OF_MODELS = ("dbt_project/models/**/*.yml", "dbt_project/*.yml")


def build() -> None:
    """Cut what is not there or lacks a letter and, last, write the style sheet: where it stands, the fonts are complete."""
    STATIC.mkdir(exist_ok=True)
    core = set(_used_characters()) | set(NAME_LETTERS)
    rules = []
    for weight, part, characters in (
        (400, "core", core),
        (700, "core", core),
        (400, "rest", set(_jis_x_0208()) - core),
    ):
        name = f"kasane-sans-{weight}-{part}.woff2"
        source = Path(import_module(PACKAGES[weight]).FONT_PATH)
        wanted = {ord(character) for character in characters} & _letters_of(source)
        if not wanted <= _letters_of(STATIC / name):
            _cut(source, STATIC / name, wanted)
        if part == "core" and not wanted <= _letters_of(DRAWN / f"{weight}.otf"):
            _uncompress(STATIC / name, DRAWN / f"{weight}.otf")
        rules.append(_rule(name, weight, wanted))
    STYLE_SHEET.write_text("\n".join(rules), encoding="utf-8")


def _letters_of(font: Path) -> set[int]:
    """The code points a font file has; none if there is no such file."""
    from fontTools.ttLib import TTFont

    if not font.is_file():
        return set()
    with TTFont(font, lazy=True) as opened:
        return set(opened.getBestCmap() or ())


def _cut(source: Path, target: Path, code_points: set[int]) -> None:
    from fontTools import subset

    options = subset.Options(flavor="woff2", hinting=False, layout_features=["kern", "ccmp", "locl", "palt", "tnum"])
    with subset.load_font(str(source), options) as font:
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=code_points)
        cutter.subset(font)
        beside = target.with_suffix(".new")
        subset.save_font(font, str(beside), options)
    beside.replace(target)


def _uncompress(source: Path, target: Path) -> None:
    """The same font under a name no other on the machine has."""
    from fontTools.ttLib import TTFont

    target.parent.mkdir(exist_ok=True)
    with TTFont(source) as font:
        font.flavor = None
        for record in font["name"].names:
            if record.nameID in (1, 16):  # family, typographic family
                record.string = DRAWN_FAMILY
        beside = target.with_suffix(".new")
        font.save(beside)
    beside.replace(target)


def _rule(name: str, weight: int, code_points: set[int]) -> str:
    return (
        f"@font-face {{ font-family: '{FAMILY}'; font-weight: {weight}; font-display: swap; "
        f"src: url('{name}') format('woff2'); unicode-range: {', '.join(_ranges(code_points))}; }}"
    )


def _ranges(code_points: set[int]) -> Iterator[str]:
    for _, run in groupby(enumerate(sorted(code_points)), lambda pair: pair[1] - pair[0]):
        points = [point for _, point in run]
        yield f"U+{points[0]:X}" if len(points) == 1 else f"U+{points[0]:X}-{points[-1]:X}"


def _used_characters() -> Iterator[str]:
    """Latin, kana and punctuation, and every character of the project's own texts."""
    yield from map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x100), *range(0x3000, 0x3100), *range(0xFF01, 0xFFEF)])
    for pattern in TEXTS + TEXTS_OF_MODELS:
        for path in PROJECT.glob(pattern):
            yield from path.read_text(encoding="utf-8")


def _jis_x_0208() -> Iterator[str]:
    for row in range(0x21, 0x7F):
        for cell in range(0x21, 0x7F):
            try:
                yield bytes([row | 0x80, cell | 0x80]).decode("euc_jp")
            except UnicodeDecodeError:
                continue


if __name__ == "__main__":
    sys.exit(build())
