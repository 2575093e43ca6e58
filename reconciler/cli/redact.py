"""Hiding secrets in what the command prints; `model.redaction` knows how."""

from __future__ import annotations

import json
from collections.abc import Mapping

from reconciler.model.codec import Place
from reconciler.model.redaction import MASK, Redactor

__all__ = ["MASK", "Blinders", "Redactor"]


class Blinders:
    """Stands in for a secrets manager where secrets are neither needed nor shown: no passphrase, no plain text.

    Every secret reads as `[secret]`. Nothing may be saved with it.
    """

    @property
    def state(self) -> Mapping[str, object] | None:
        """Nothing to name."""
        return None

    def encrypt(self, plaintext: str, place: Place = ()) -> str:
        """The mask, whatever the text."""
        return MASK

    def decrypt(self, ciphertext: str) -> str:
        """The JSON text of the mask."""
        return json.dumps(MASK)

    def remember(self, plaintext: str, place: Place, ciphertext: str) -> None:
        """Nothing is ever decrypted."""
