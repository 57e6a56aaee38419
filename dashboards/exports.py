"""Files people take away: every CSV of a page or report is made here.

UTF-8 with BOM (for Excel), one value a cell, marks in their own column.
"""

from __future__ import annotations

import pandas as pd

KPI_COLUMNS = {
    "area_code": "団体コード",
    "area_label_ja": "市町村",
    "region_label_ja": "地域",
    "period": "年月",
    "kpi_id": "指標ID",
    "kpi_label_ja": "指標",
    "numerator": "分子",
    "denominator": "分母",
    "value": "値",
    "mark": "記号",
}


def kpi_csv(rows: pd.DataFrame) -> bytes:
    """The rows of `data.kpi_month` as a file: a cell with a mark has empty number columns."""
    frame = rows.assign(period=rows["period"].dt.strftime("%Y-%m"))[list(KPI_COLUMNS)].rename(columns=KPI_COLUMNS)
    return frame.to_csv(index=False).encode("utf-8-sig")
