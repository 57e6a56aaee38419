"""Why the system refused a file, in Japanese: its own words are in the language of its set-up, mostly English."""

from __future__ import annotations

import errno

_JA = {
    errno.ENOENT: "ファイルかフォルダがありません",
    errno.EEXIST: "同じ名前のものがすでにあります",
    errno.ENOTDIR: "途中にフォルダでないものがあります",
    errno.EISDIR: "ファイルではなくフォルダです",
    errno.EACCES: "権限がありません",
    errno.EPERM: "権限がありません",
    errno.EROFS: "書き込めない場所です",
    errno.ENOSPC: "空き容量がありません",
    errno.EDQUOT: "使える容量を超えました",
    errno.ENAMETOOLONG: "名前が長すぎます",
    errno.EMFILE: "開いているファイルが多すぎます",
    errno.EIO: "装置が読み書きに失敗しました",
}


def os_reason(error: OSError) -> str:
    """The reason as staff read it; the system's symbol for a rare one, by which it can be looked up."""
    code = error.errno or 0
    return _JA.get(code) or errno.errorcode.get(code, type(error).__name__)
