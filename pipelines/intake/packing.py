"""Zip archives out of parts that are packed once and used in many. The same parts give the same bytes.

The standard library packs every part anew and takes several times as long over each as these parts are worth.
What the parts hold does not belong here.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Self

# Local header, entry of the directory, end of the directory: APPNOTE.TXT 4.3.7, 4.3.12, 4.3.16.
_LOCAL = Struct("<4s5H3I2H")
_ENTRY = Struct("<4s6H3I5H2I")
_END = Struct("<4s4H2IH")
_VERSION, _UNIX = 20, 3 << 8
_DEFLATED = 8
_FIRST_DAY = 0x21  # 1980-01-01, where the zip calendar begins
_OWNER_MAY_READ = 0o600 << 16


@dataclass(frozen=True)
class Part:
    """A file of an archive, compressed. `name` is ASCII."""

    name: bytes
    facts: tuple[int, int, int]  # checksum, compressed size, size
    compressed: bytes

    @classmethod
    def pack(cls, name: str, content: bytes) -> Self:
        """Compress a file; quickly, since the contents are small."""
        compressed = zlib.compress(content, 1, -zlib.MAX_WBITS)
        return cls(name.encode("ascii"), (zlib.crc32(content), len(compressed), len(content)), compressed)


def archive(parts: Sequence[Part]) -> bytes:
    """The parts as a zip archive, in order."""
    files: list[bytes] = []
    directory: list[bytes] = []
    at = 0
    for part in parts:
        common = (0, _DEFLATED, 0, _FIRST_DAY, *part.facts, len(part.name), 0)
        files += (_LOCAL.pack(b"PK\3\4", _VERSION, *common), part.name, part.compressed)
        entry = _ENTRY.pack(b"PK\1\2", _UNIX | _VERSION, _VERSION, *common, 0, 0, 0, _OWNER_MAY_READ, at)
        directory += (entry, part.name)
        at += _LOCAL.size + len(part.name) + len(part.compressed)
    listing = b"".join(directory)
    end = _END.pack(b"PK\5\6", 0, 0, len(parts), len(parts), len(listing), at, 0)
    return b"".join((*files, listing, end))
