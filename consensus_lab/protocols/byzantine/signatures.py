"""Signatures that nobody can forge: Ed25519, of the library `cryptography`.

The keys follow from a seed, so that a run can be repeated. Whoever plays fair signs with keys of
`Keys` alone: then no general can sign for one whose key it has not.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


@dataclass(frozen=True)
class Keys:
    """The private keys of `owners`, in a world whose keys come from `seed`."""

    seed: int
    owners: Collection[str]

    def sign(self, signer: str, text: str) -> str:
        """The signature of `signer` under `text`, in hexadecimal.

        Without the key of `signer` it is signed with another: that is all that a forger can do.
        """
        key = signer if signer in self.owners else min(self.owners)
        return private_key(self.seed, key).sign(text.encode()).hex()


@lru_cache(maxsize=1024)
def private_key(seed: int, owner: str) -> Ed25519PrivateKey:
    """The key that `owner` keeps secret."""
    # Here and not above: only who signs needs the library.
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(sha256(f"{seed}/{owner}".encode()).digest())


@lru_cache(maxsize=4096)
def is_signed(seed: int, signer: str, text: str, signature: str) -> bool:
    """`signature` under `text` was made with the key of `signer`. Anybody can tell."""
    from cryptography.exceptions import InvalidSignature

    try:
        private_key(seed, signer).public_key().verify(bytes.fromhex(signature), text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True
