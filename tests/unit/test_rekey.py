"""The secret and the keyed hashes."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from pipelines.intake.rekey import SecretError, fingerprint, load_or_create_secret, rekey

SECRET = bytes(range(32))


def test_the_secret_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "rekey.key"
    first = load_or_create_secret(path)
    assert len(first) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_or_create_secret(path) == first
    assert load_or_create_secret(tmp_path / "other.key") != first


def test_a_damaged_secret_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "rekey.key"
    path.write_bytes(b"short")
    with pytest.raises(SecretError):
        load_or_create_secret(path)


def test_the_fingerprint_tells_secrets_apart_and_gives_none_away() -> None:
    assert fingerprint(SECRET) == fingerprint(SECRET)
    assert fingerprint(SECRET) != fingerprint(SECRET[::-1])
    assert len(fingerprint(SECRET)) == 16


def test_a_number_becomes_32_hex_digits_that_depend_on_everything() -> None:
    hashed = rekey(SECRET, "112011", "case", "R6-0001")
    assert len(hashed) == 32
    assert set(hashed) <= set("0123456789abcdef")
    others = {
        rekey(SECRET[::-1], "112011", "case", "R6-0001"),
        rekey(SECRET, "112020", "case", "R6-0001"),
        rekey(SECRET, "112011", "consultation", "R6-0001"),
        rekey(SECRET, "112011", "case", "R6-0002"),
    }
    assert len(others | {hashed}) == 5
    assert rekey(SECRET, "112011", "case", "R6-0001") == hashed
