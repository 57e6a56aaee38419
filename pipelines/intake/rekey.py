"""Replaces a sender's numbers by keyed hashes, so that the numbers themselves are never stored.

Whether a number is well formed does not belong here.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path

_SECRET_BYTES = 32
_HASH_BYTES = 16  # 32 hex digits


class SecretError(ValueError):
    """The secret file is not what `load_or_create_secret` wrote; numbers keyed with it would match nothing."""


def load_or_create_secret(path: Path) -> bytes:
    """The home's secret; made on first use, readable by its owner only. Raises SecretError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return load_secret(path)
    secret = secrets.token_bytes(_SECRET_BYTES)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(secret)
        stream.flush()
        os.fsync(stream.fileno())
    return secret


def load_secret(path: Path) -> bytes:
    """The secret that lies there. Raises SecretError when it is no secret of ours, FileNotFoundError when there is none."""
    secret = path.read_bytes()
    if len(secret) != _SECRET_BYTES:
        raise SecretError(f"{path.name} does not hold {_SECRET_BYTES} bytes")
    return secret


def fingerprint(secret: bytes) -> str:
    """Tells one secret from another without giving it away: 16 hex digits."""
    return hashlib.blake2b(b"kasane fingerprint", key=secret, digest_size=8).hexdigest()


def rekey(secret: bytes, municipality_code: str, id_kind: str, normalised_id: str) -> str:
    """The keyed hash of a number: 32 hex digits, different by municipality and by kind of number."""
    return rekeyer(secret, municipality_code, id_kind)(normalised_id)


def rekeyer(secret: bytes, municipality_code: str, id_kind: str) -> Callable[[str], str]:
    """`rekey` for many numbers of one kind from one municipality: what they share is hashed once."""
    shared = hashlib.blake2b(
        "\x1f".join((municipality_code, id_kind, "")).encode(), key=secret, digest_size=_HASH_BYTES
    )

    def keyed(normalised_id: str) -> str:
        digest = shared.copy()
        digest.update(normalised_id.encode())
        return digest.hexdigest()

    return keyed
