"""What a sender reads: for every rule, reason, kind and note one Japanese sentence that says how to mend it.

Names of columns and codes come from the contract and the code lists. No sentence holds a value that somebody sent; `mask`
is the most that is ever said of one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from expectations.codes import CodeLists
from expectations.contract import Column, ColumnType, Contract, load_contracts

STATUS_LABELS: Mapping[str, str] = {
    "accepted": "受理",
    "accepted_with_errors": "一部受理(誤りのある行を除いて受理)",
    "returned": "差戻し(再提出をお願いします)",
    "refused_personal_data": "受領拒否(個人情報の疑い)",
    "duplicate": "重複(同じ内容を受理済み)",
}

PERSONAL_DATA_LABELS: Mapping[str, str] = {
    "forbidden_column": "個人情報の列見出し",
    "phone": "電話番号と思われる値",
    "email": "メールアドレスと思われる値",
    "my_number": "個人番号(マイナンバー)と思われる値",
    "postal_address": "郵便番号と住所と思われる値",
    "name_in_identifier": "番号の列の氏名と思われる値",
    "long_digits_identifier": "番号の列の10〜13桁の数字(電話番号や被保険者番号などと区別できません)",
    "birth_month": "生年月と思われる値(2000年より前の年月)",
    "file_name": "ファイルかフォルダーの名前に、電話番号かメールアドレスと思われる文字",
}

_FILE_SENTENCES: Mapping[str, str] = {
    "unknown_form": "どの様式か分かりません。ファイル名({example})かシート名を様式の名称にしてください。",
    "unknown_sender": "どの市町村のファイルか分かりません。ファイル名の先頭を市町村コードか市町村名にしてください({example})。",
    "unknown_period": "いつの分か分かりません。ファイル名に{period}を入れてください({example})。",
    "other_cadence": "この様式は{period}ごとに提出します。ファイル名の年月を{period}に直してください({example})。",
    "wrong_sender": "この様式は{sender}が提出するものです。ファイル名の市町村と様式を確かめてください。",
    "merged_away": "この期間より前に合併した市町村です。合併後の市町村名で、全体を1つのファイルにまとめて提出してください。",
    "future_period": "まだ始まっていない期間(未来の期間)の分です。ファイル名の年月を確かめてください。",
    "other_period": "すべての行がファイル名と違う期間のものです。ファイル名の年月か、行の年月を直してください。",
    "missing_column": "必要な列「{label}」がありません。様式の見出しのとおりに列を加えてください。",
    "duplicated_column": "列「{label}」が2つ以上あります。1つにまとめてください。",
    "repeated_sheet": "同じ様式のシートが2枚以上あります。1枚にまとめてください。",
    "no_rows": "見出しだけで行がありません。この様式は1行以上が必要です。",
    "too_many_errors": "行の半数を超えて誤りがあるため、全体を差し戻します。下の誤りを直して、ファイル全体を出し直してください。",
    "too_large": "ファイルが大きすぎます(上限 {limit})。様式や期間ごとに分けて提出してください。",
    "empty_file": "空のファイルです。保存し直して提出してください。",
    "xls": "古い形式のExcel(.xls)は読めません。「Excelブック(.xlsx)」で保存し直してください。",
    "zip": "圧縮ファイル(.zip)は読めません。中のファイルを取り出して提出してください。",
    "pdf": "PDFは読めません。もとのExcel(.xlsx)かCSVを提出してください。",
    "unsupported_kind": "読めない種類のファイルです。Excel(.xlsx)かCSVで提出してください。",
    "encrypted": "パスワードで保護されたファイルは読めません。保護を外して保存し直してください。",
    "macro": "マクロを含むファイルは受け取れません。「Excelブック(.xlsx)」で保存し直してください。",
    "unpacked_too_large": "展開すると大きすぎるファイルです。不要な書式やシートを除き、保存し直してください。",
    "too_many_sheets": "シートが多すぎます。様式のシートだけにして保存し直してください。",
    "too_many_rows": "行が多すぎます。様式や期間ごとに分けて提出してください。",
    "too_wide": "列が多すぎるか、1つの欄が長すぎます。様式の列だけにして保存し直してください。",
    "broken_workbook": "ファイルが途中で切れているか壊れています。もとのファイルを開いて保存し直してください。",
    "nul_bytes": "文字ではないデータが混じっています。CSV(UTF-8)かExcel(.xlsx)で保存し直してください。",
    "not_text": "文字ではないデータが混じっています。CSV(UTF-8)かExcel(.xlsx)で保存し直してください。",
    "undecodable": "文字コードを判別できません。CSV(UTF-8)かExcel(.xlsx)で保存し直してください。",
    "cut_off": "ファイルが途中で切れています。もとのファイルを保存し直して、全体を提出してください。",
    "broken_quotes": '引用符(")の使い方が正しくない箇所があり、列を区切れません。Excelで開いて保存し直してください。',
}

_ROW_SENTENCES: Mapping[str, str] = {
    "row_cut": "行が途中で切れているか、列の数が見出しと合いません。列をそろえてください(値の中のコンマは引用符で囲みます)。",
    "unread": "{label}を読み取れません。{expected}で記入してください。",
    "required": "{label}が空欄です。{expected}で記入してください。",
    "minimum": "{label}は{limit}以上で記入してください。",
    "maximum": "{label}は{limit}以下で記入してください。",
    "multiple_of": "{label}は{limit}の倍数で記入してください。",
    "unique_key": "{columns}が同じ行がこのファイルに2行以上あります。番号などを確かめ、1行にまとめてください。",
    "in_period": "{label}がファイル名の{period}の中にありません。{label}か、ファイル名の{period}を直してください。",
    "not_after_period": "{label}がファイル名の{period}より後です。その{period}の末までのことだけを記入してください。",
    "not_before": "{label}が{other}より前です。どちらかを直してください。",
    "not_both": "{label}と{other}の両方が記入されています。どちらか一方だけにしてください。",
    "required_iff": "{label}は、{when}場合に必ず記入し、それ以外は空欄にしてください。",
    "required_when": "{label}は、{when}場合には記入してください。",
    "required_when_unless": "{label}は、{when}場合({unless}場合を除く)には記入してください。",
    "only_when": "{label}は、{when}場合だけ記入してください。",
    "differs": "{label}が{other}と同じです。別の番号を記入するか、空欄にしてください。",
    "reached_by": "{label}が{by}より後か空欄です。時期の前後を確かめてください。",
    "at_least": "{label}が{others}より少なくなっています。件数を確かめてください。",
    "only_value": "{label}は、{when}場合には「{value}」だけを記入してください。",
    "not_value": "{label}に「{value}」と記入できるのは、{when}場合ではありません。どちらかを直してください。",
    "single_row": "この様式は1行だけです。2行目からあとを取り除き、合わせた1行にしてください。",
    "share_matches_rate": "{label}が、補助率から計算した額(区分ごとに千円未満切捨て)と違います。金額を確かめてください。",
    "report_within_decision": "{label}が、同じ市町村・区分の最新の決定の額を超えています。金額を確かめてください。",
}

_CROSS_SENTENCES: Mapping[str, str] = {
    "reference_exists": "{label}に書かれた番号が、受理した「{form}」にありません。これから提出する分にあるときは、"
    "そのままでかまいません。番号の誤りのときは、直してファイル全体を出し直してください。",
    "vanished_key": "前の台帳({file} の{row}行目)で終わっていない{label}の行が、この台帳にありません"
    "(誤りのために除かれた行も含みます)。続いているときは行を加え、終わったときは終わりを書いた行を加えて、出し直してください。",
    "reopened_key": "前の台帳({file} の{row}行目)で終わった{label}が、続いている行になっています。集計にはこの行を使います。"
    "再び始めたときは新しい番号を付け、書き誤りのときは直して、出し直してください。",
    "listed_later": "{label}のうち{rows}件は、すでに受理した後の月の台帳にも載っています。その経過は後の月の行で集計するので、"
    "この台帳を直しても変わりません(この月の末の件数には、この台帳を使います)。",
}

CROSS_LABELS: Mapping[str, str] = {
    "reference_exists": "参照先のない番号",
    "vanished_key": "消えた番号",
    "reopened_key": "終わった後に再び続いている番号",
    "listed_later": "後の月の台帳にも載っている番号",
}

_NOTES: Mapping[str, str] = {
    "title_rows": "見出しより上の行は読みとばしました。",
    "empty_rows": "空の行は読みとばしました。",
    "total_row": "末尾の合計行は読みとばしました。",
    "hidden_sheet": "非表示のシートも読みました。",
    "hidden_rows": "非表示の行も読みました。",
    "cut_to_month": "日まで書かれていたので、年月だけを受け取りました。",
    "unknown_column": "様式にない列なので読みませんでした。",
    "ignored_sheet": "様式のシートではないので読みませんでした。",
    "other_period_in_title": "表題の年月がファイル名と違います。ファイル名の年月で受け付けました。",
    "recoded": "市町村コードの変更があったため、この期間のコードで受け付けました。市町村の欄を確かめてください。",
    "arrival_order": "同時に届いたファイルは、更新日時、ファイル名の順に受け付けました。",
}

_EXPECTED: Mapping[ColumnType, str] = {
    "identifier": "半角の英数字・ハイフン・下線の32文字以内(10〜13桁の数字だけの番号は不可)",
    "municipality": "市町村コード(6桁か5桁)か市町村名",
    "year_month": "実在する年月(例 2024-05、令和6年5月)",
    "date": "実在する日付(例 2024-05-01、令和6年5月1日)",
    "fiscal_year": "年度(例 2024、令和6年度)",
    "flag": "「有・無」「はい・いいえ」「1・0」のいずれか",
    "integer": "整数(例 12)",
    "number": "数(例 12、3.5)",
    "yen": "円単位の整数(例 1234000、12千円)",
}
_CODES_SHOWN = 12


def row_message(rule: str, contract: Contract, column: str, params: Mapping[str, Any], codes: CodeLists) -> str:
    """What was expected of a row and how to mend it. `rule`, `column`, `params` are those of a `suites.Check`.

    `row_cut` is about the row as a whole and needs no column.
    """
    words = {"period": "月" if contract.cadence == "monthly" else "年度"}
    if column:
        words |= {"label": _labels(contract, [column]), "expected": _expected(contract.column(column), codes)}
    words |= {name: _labels(contract, [params[name]]) for name in ("other", "by") if name in params}
    words |= {name: _labels(contract, params[name]) for name in ("others", "columns") if name in params}
    words |= {name: _condition(contract, params[name], codes) for name in ("when", "unless") if name in params}
    if "value" in params:
        words["value"] = _code_label(contract.column(column), params["value"], codes)
    if "limit" in params:
        words["limit"] = f"{params['limit']:,}"
    sentence = _ROW_SENTENCES[rule] if "unless" not in params else _ROW_SENTENCES[f"{rule}_unless"]
    return sentence.format_map(words)


@lru_cache(maxsize=1024)
def cross_message(rule: str, contract: Contract, column: str, *, file: str | None, row: int | None, rows: int) -> str:
    """What a file is told because of another one. `file`, `row`: the place there; `rows`: how many rows it is about."""
    referred = [one.params["form"] for one in contract.rules if one.name == rule and one.params.get("column") == column]
    return _CROSS_SENTENCES[rule].format(
        label=_labels(contract, [column]),
        form="".join(load_contracts()[form].label_ja for form in referred),
        file=file,
        row=row,
        rows=f"{rows:,}",
    )


def file_message(
    reason: str, contract: Contract | None, *, column: str | None = None, limit_bytes: int | None = None
) -> str:
    """Why a whole file is returned and what to send instead. `contract`: of its form, where that is known."""
    yearly = contract is not None and contract.cadence == "fiscal_year"
    prefectural = contract is not None and contract.sender == "prefecture"
    form = contract.label_ja if contract else "様式名"
    return _FILE_SENTENCES[reason].format(
        label=contract.column(column).label_ja if contract and column else "",
        example=f"例 {'県名' if prefectural else '市町村名'}_{form}_{'2024年度' if yearly else '2024年5月'}.csv",
        period=("年度" if yearly else "年月") if contract else "年月か年度",
        sender="県" if prefectural else "市町村",
        limit=f"{(limit_bytes or 0) // (1024 * 1024)}MB",
    )


def personal_data_message(kind: str) -> str:
    """What was found, and what to do about it."""
    return f"{PERSONAL_DATA_LABELS[kind]}があります。個人が分かる列や値を取り除いて、出し直してください。"


def note_message(note: str) -> str:
    """Something that was passed over or changed on the way; nothing to mend."""
    return _NOTES[note]


def counts_message(before: int, now: int) -> str:
    """What a re-submission changes: it replaces the earlier file whole."""
    change = (
        f"{now - before}行増えます"
        if now > before
        else f"{before - now}行減ります"
        if now < before
        else "増減はありません"
    )
    return f"前回受理したファイルを全部差し替えました。集計に入る行は{before}行から{now}行になり、{change}。"


def mask(text: str) -> str:
    """All that is ever said about a value that failed: how long it is."""
    return f"〔{len(text)}文字〕"


def _labels(contract: Contract, columns: Sequence[str]) -> str:
    return "".join(f"「{contract.column(column).label_ja}」" for column in columns)


def _expected(column: Column, codes: CodeLists) -> str:
    if column.code_list is None:
        return _EXPECTED[column.type]
    listed = codes[column.code_list]
    shown = "、".join(f"{code.code}={code.label_ja}" for code in listed[:_CODES_SHOWN])
    rest = " など" if len(listed) > _CODES_SHOWN else ""
    several = "(複数のときは「;」で区切る)" if column.type == "code_list" else ""
    return f"次のコードか名称{several}({shown}{rest})"


def _condition(contract: Contract, condition: Mapping[str, Any], codes: CodeLists) -> str:
    column = contract.column(condition["column"])
    label = _labels(contract, [column.id])
    if "present" in condition:
        return f"{label}が記入されている" if condition["present"] else f"{label}が空欄の"
    allowed: Sequence[Any] = condition["in"] if "in" in condition else [condition["equals"]]
    return f"{label}が{''.join(_value_label(column, value, codes) for value in allowed)}の"


def _value_label(column: Column, value: Any, codes: CodeLists) -> str:
    if column.type == "flag":
        return "「有」" if value else "「無」"
    return f"「{_code_label(column, value, codes)}」"


def _code_label(column: Column, value: str, codes: CodeLists) -> str:
    return next((code.label_ja for code in codes[column.code_list or ""] if code.code == value), value)
