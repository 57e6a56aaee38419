"""dbt's own documentation of the models as one page that asks for nothing from outside (`make docs`).

Written to `docs/dbt/index.html`, which is not kept in git: it is five megabytes that anyone can make again.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from pipelines.dbt import DbtFailed, run_dbt
from pipelines.settings import PROJECT_DIR

PAGE = PROJECT_DIR / "docs" / "dbt" / "index.html"


def write_dbt_docs(page: Path) -> None:
    """Models, columns, lineage and SQL with their Japanese descriptions; needs no data. Raises DbtFailed."""
    with tempfile.TemporaryDirectory(prefix="kasane-docs-") as folder:
        target = Path(folder) / "dbt"
        warehouse = Path(folder) / "warehouse.duckdb"
        done = run_dbt("docs", "generate", "--static", "--empty-catalog", warehouse=warehouse, target=target)
        if done.returncode:
            raise DbtFailed((done.stdout + done.stderr).strip())
        page.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(target / "static_index.html", page)


if __name__ == "__main__":
    try:
        write_dbt_docs(PAGE)
    except DbtFailed as error:
        sys.exit(str(error))
    print(PAGE.relative_to(PROJECT_DIR))
