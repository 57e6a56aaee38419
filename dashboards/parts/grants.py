"""The grant: by component, stage and municipality; the lump rebuilt; what does not add up, to the yen. No persons."""

from __future__ import annotations

from functools import lru_cache

import pandas as pd

from dashboards import data, labels, tables
from dashboards.charts.bars import bars, stacked
from dashboards.data import Edition
from dashboards.frames import rows_of
from dashboards.parts.figure import Figure, Nothing
from dashboards.tables import Table, code_column, numbers

CARDS = ("grant_execution_rate", "grant_refund_yen", "grant_lump_gap_yen")
SHARES = {"national_share": "国費", "prefectural_share": "県費", "municipal_share": "市町村の負担"}
DECIDED = ("change", "decision")  # the newer first
STEPS = {"decided": "交付決定(変更後)", "advance": "概算払", "final": "額の確定"}
FINDINGS = {
    "lump_gap": "県費の一括払いと内訳の合計が違う",
    "share_off_rate": "負担割合どおりでない",
    "final_over_decision": "額の確定が交付決定を超える",
}
AMOUNTS = {"total": "総額", "national": "国費", "prefectural": "県費"}
SOURCE = "単位: 円。出典: 交付金(県の記録)。個人に関する数を含まないため、秘匿はありません。"


def _rows(edition: Edition, year: int, codes: tuple[str, ...]) -> pd.DataFrame:
    """The year's rows of the municipalities, one per municipality × component × step (STEPS)."""
    rows = data.grant_component(edition, year)
    rows = rows[rows["municipality_code"].isin(codes)]
    decided = rows[rows["stage"].isin(DECIDED)].sort_values("stage", key=lambda s: s.map(DECIDED.index))
    decided = decided.drop_duplicates(["municipality_code", "component"]).assign(step="decided")
    rest = rows[rows["stage"].isin(["advance", "final"])]
    return pd.concat([decided, rest.assign(step=rest["stage"])]).sort_index()


@lru_cache(maxsize=64)
def component_figure(edition: Edition, year: int, codes: tuple[str, ...], area: str) -> Figure | Nothing:
    """What was decided by component, and who bears it."""
    name = f"{area}: 事業別の交付決定額と負担の内訳({labels.fiscal_year_label(year)})"
    rows = _rows(edition, year, codes)
    rows = rows[rows["step"] == "decided"]
    if rows.empty:
        return Nothing(name, "この年度の交付決定がまだありません。")
    sums = rows.groupby(["component", "component_label_ja"], sort=False)[list(SHARES)].sum(min_count=1).reset_index()
    long = pd.DataFrame(
        [
            (row.component_label_ja, words, float(getattr(row, share) or 0), labels.yen_short(getattr(row, share)))
            for row in rows_of(sums.fillna(0))
            for share, words in SHARES.items()
        ],
        columns=["label", "series", "value", "text"],
    )
    totals = {words: int(sums[share].sum()) for share, words in SHARES.items()}
    alt = f"{name}。" + "、".join(f"{words}{labels.thousands(total)}円" for words, total in totals.items()) + "。"
    heads = [
        code_column("区分コード"),
        "事業",
        *(numbers(words, "円") for words in SHARES.values()),
        numbers("計", "円"),
    ]
    body = [
        [
            row.component,
            row.component_label_ja,
            *(tables.count(getattr(row, share)) for share in SHARES),
            tables.count(sum(int(getattr(row, share)) for share in SHARES)),
        ]
        for row in rows_of(sums.fillna(0))
    ]
    table = tables.table("grant_components", name, heads, body)
    spec = stacked(long, list(SHARES.values()), "交付決定額(円)")
    return Figure("grant_components", name, spec, alt, (SOURCE,), table)


@lru_cache(maxsize=64)
def stage_figure(edition: Edition, year: int, codes: tuple[str, ...], area: str) -> Figure | Nothing:
    """Decision → advance → final, national and prefectural shares together."""
    name = f"{area}: 決定から確定まで(国費と県費、{labels.fiscal_year_label(year)})"
    rows = _rows(edition, year, codes)
    if rows.empty:
        return Nothing(name, "この年度の交付金の記録がまだありません。")
    sums = rows.groupby("step")[["national_share", "prefectural_share"]].sum()
    present = [step for step in STEPS if step in sums.index]
    both = ("national_share", "prefectural_share")
    amounts = {(row.Index, share): int(getattr(row, share)) for row in sums.itertuples() for share in both}
    long = pd.DataFrame(
        [
            (STEPS[step], SHARES[share], amounts[step, share], labels.yen_short(amounts[step, share]))
            for step in present
            for share in both
        ],
        columns=["label", "series", "value", "text"],
    )
    told = "、".join(f"{STEPS[s]}{labels.thousands(sum(amounts[s, share] for share in both))}円" for s in present)
    missing = [STEPS[step] for step in STEPS if step not in present]
    sources = (SOURCE, f"{'・'.join(missing)}はまだ届いていません。" if missing else "")
    body = [
        [
            STEPS[s],
            *(tables.count(amounts[s, share]) for share in both),
            tables.count(sum(amounts[s, share] for share in both)),
        ]
        for s in present
    ]
    table = tables.table(
        "grant_stages", name, ["段階", numbers("国費", "円"), numbers("県費", "円"), numbers("計", "円")], body
    )
    spec = stacked(long, ["国費", "県費"], "金額(円)")
    return Figure("grant_stages", name, spec, f"{name}。{told}。", sources, table)


@lru_cache(maxsize=64)
def execution_figure(edition: Edition, month_: object, area_code: str, area: str) -> Figure | Nothing:
    """Execution by field, from the KPI."""
    name = f"{area}: 分野別の執行率"
    rows = data.kpi_by(edition, "grant_execution_rate", "field", area_code)
    rows = rows[rows["period"] == pd.Timestamp(month_)]  # type: ignore[arg-type]
    if rows.empty or rows["value"].isna().all():
        return Nothing(name, "額の確定が届くと、分野別の執行率を示します。")
    frame = pd.DataFrame({"label": rows["member_label_ja"], "value": rows["value"]})
    frame["text"] = [labels.value_text("share", row) for row in rows_of(rows)]
    known = frame.dropna(subset="value")
    alt = f"{name}。" + "、".join(f"{row.label}{row.text}" for row in rows_of(known)) + "。"
    heads = [
        code_column("分野コード"),
        "分野",
        numbers("確定額", "円"),
        numbers("決定額", "円"),
        numbers("執行率", "%"),
    ]
    body = [
        [
            row.member,
            row.member_label_ja,
            tables.count(row.numerator, mark=row.mark),
            tables.count(row.denominator, mark=row.mark),
            tables.kpi("share", row),
        ]
        for row in rows_of(rows)
    ]
    table = tables.table("grant_fields", name, heads, body)
    sources = (
        "単位: %(確定額÷決定額、国費と県費の計)。出典: 交付金(県の記録)。決定と確定の両方がある事業だけを数えます。",
    )
    return Figure("grant_fields", name, bars(frame, "執行率", share=True), alt, sources, table)


@lru_cache(maxsize=64)
def municipal_table(edition: Edition, year: int, codes: tuple[str, ...]) -> Table:
    """Every municipality of the area with a grant: decided, advanced, final, refund to come. National + prefectural."""
    rows = _rows(edition, year, codes)
    rows = rows.assign(amount=rows["national_share"].fillna(0) + rows["prefectural_share"].fillna(0))
    wide = rows.pivot_table(
        index=["municipality_code", "municipality_label_ja"], columns="step", values="amount", aggfunc="sum"
    )
    body = []
    for (code, name), row in wide.reindex(columns=list(STEPS)).iterrows():  # type: ignore[misc]
        decided, advance, final = (row[step] for step in STEPS)
        rate = final / decided if pd.notna(final) and decided else None
        body.append(
            [
                code,
                name,
                *(tables.count(v, mark="…" if pd.isna(v) else None) for v in (decided, advance, final)),
                tables.percent(rate, mark="…" if rate is None else None),
            ]
        )
    heads = [
        code_column("団体コード"),
        "市町村",
        *(numbers(words, "円") for words in STEPS.values()),
        numbers("確定÷決定", "%"),
    ]
    return tables.table("grant_municipal", f"市町村別の国費・県費({labels.fiscal_year_label(year)})", heads, body)


@lru_cache(maxsize=64)
def lump_table(edition: Edition, year: int, codes: tuple[str, ...]) -> Table:
    """The prefectural lump rebuilt from its parts: Σ components beside what was paid."""
    rows = _rows(edition, year, codes)
    parts = (
        rows[rows["step"] == "advance"]
        .groupby(["municipality_code", "municipality_label_ja"])["prefectural_share"]
        .sum()
    )
    gaps = data.grant_reconciliation(edition, year)
    gap = gaps[gaps["finding"] == "lump_gap"].groupby("municipality_code")["difference_yen"].sum()
    body = []
    for (code, name), total in parts.items():  # type: ignore[misc]
        difference = int(gap.get(code, 0))
        body.append([code, name, tables.count(total), tables.count(int(total) + difference), tables.count(difference)])
    heads = [
        code_column("団体コード"),
        "市町村",
        numbers("内訳の合計", "円"),
        numbers("一括で払った額", "円"),
        numbers("差額", "円"),
    ]
    return tables.table("grant_lump", f"県費の一括払いと内訳の照合({labels.fiscal_year_label(year)})", heads, body)


@lru_cache(maxsize=64)
def findings_table(edition: Edition, year: int, codes: tuple[str, ...]) -> Table:
    """Everything that does not add up, to the yen."""
    found = data.grant_reconciliation(edition, year)
    found = found[found["municipality_code"].isin(codes)]
    body = [
        [row.municipality_code, row.municipality_label_ja, FINDINGS.get(row.finding, row.finding)]
        + [
            labels.or_blank(row.component_label_ja, "一括"),
            labels.or_blank(row.stage_label_ja, ""),
            AMOUNTS.get(row.amount, row.amount),
        ]
        + [tables.count(v) for v in (row.expected_yen, row.found_yen, row.difference_yen)]
        for row in rows_of(found)
    ]
    heads = [code_column("団体コード"), "市町村", "内容", "事業", "段階", "対象"]
    heads += [numbers("あるべき額", "円"), numbers("届いた額", "円"), numbers("差額", "円")]
    return tables.table(
        "grant_findings", f"一致しない金額 {len(body)}件({labels.fiscal_year_label(year)})", heads, body
    )
