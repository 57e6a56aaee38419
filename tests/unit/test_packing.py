"""An archive put together here is one that everybody reads."""

from __future__ import annotations

import io
import zipfile

from hypothesis import given
from hypothesis import strategies as st

from pipelines.intake.packing import Part, archive

NAMES = st.text("abc/_.", min_size=1, max_size=20)


@given(st.dictionaries(NAMES, st.binary(max_size=3000), max_size=5))
def test_the_standard_library_reads_what_was_packed(contents: dict[str, bytes]) -> None:
    data = archive([Part.pack(name, content) for name, content in contents.items()])
    with zipfile.ZipFile(io.BytesIO(data)) as made:
        assert made.testzip() is None
        assert {name: made.read(name) for name in made.namelist()} == contents
