"""Who may see which edition. Today: one audience a server, chosen when it starts; later the place for signing in.

Files per audience, not row filters: what an audience may not see is in no file it can reach.
"""

from __future__ import annotations

import os
from ipaddress import ip_address

AUDIENCES = {"internal": "庁内", "adviser": "アドバイザー", "public": "公開"}


class AccessError(Exception):
    """This server may not show this edition; the message is Japanese."""


def audience_from_environment() -> str:
    """The audience named by KASANE_AUDIENCE, default internal. Raises AccessError for any other word."""
    audience = os.environ.get("KASANE_AUDIENCE") or "internal"
    if audience not in AUDIENCES:
        raise AccessError(f"KASANE_AUDIENCE には {'、'.join(AUDIENCES)} のいずれかを指定してください。")
    return audience


def require_allowed(audience: str, address: str | None) -> None:
    """Raises AccessError if the internal edition would be served beyond this machine.

    `address` is what the server is bound to; None means every address of the machine.
    """
    if audience == "internal" and not _is_loopback(address):
        raise AccessError("庁内版はこの端末(127.0.0.1)からだけ見られます。python -m dashboards で起動してください。")


def _is_loopback(address: str | None) -> bool:
    if address == "localhost":
        return True
    try:
        return address is not None and ip_address(address).is_loopback
    except ValueError:
        return False
