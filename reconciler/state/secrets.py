"""Secrets managers: Pulumi's scheme, byte for byte. The key comes of a passphrase, or is kept by a cloud.

Source: facts/engine-contract.md §6.1 (check vectors there), §6.2. A passphrase's key: PBKDF2 with
HMAC-SHA256, a million rounds; cipher: AES-256-GCM; form: `v1:<nonce>:<text>`. Clouds are asked by
`reconciler.secrets`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from reconciler import errors
from reconciler.model.codec import Cipher, Place

KIND: Final = "passphrase"
CLOUD_KIND: Final = "cloud"
ROUNDS: Final = 1_000_000
_KEY_BYTES: Final = 32
_SALT_BYTES: Final = 8
_NONCE_BYTES: Final = 12
# Stands encrypted at the end of the salt, so that a wrong passphrase shows itself.
_PROOF: Final = "pulumi"
_NO_MANAGER: Final = "set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE"


class SecretsManager(Cipher, Protocol):
    """A cipher that can be named in a state file."""

    @property
    def state(self) -> Mapping[str, object] | None:
        """What `secrets_providers` of the state file holds; None where nobody keeps secrets."""


class NoSecrets:
    """Stands where a stack has no secrets manager: refuses every secret, and never writes one readable."""

    @property
    def state(self) -> Mapping[str, object] | None:
        """Nothing to name."""
        return None

    def encrypt(self, plaintext: str, place: Place = ()) -> str:
        """Refuse.

        Raises:
            StateError: always; the text is not in the message.
        """
        raise errors.StateError("a secret has to be stored and the stack has no secrets manager", hint=_NO_MANAGER)

    def decrypt(self, ciphertext: str) -> str:
        """Refuse.

        Raises:
            DecryptError: always.
        """
        raise errors.DecryptError("no secrets manager is open", hint=_NO_MANAGER)

    def remember(self, plaintext: str, place: Place, ciphertext: str) -> None:
        """Nothing is ever decrypted, so there is nothing to remember."""


class KeySecrets:
    """Encrypts with a key of 32 bytes, whoever keeps that key. Safe to share by threads.

    Args:
        state: what `secrets_providers` of the state file says about where the key comes from.
    """

    def __init__(self, key: bytes, state: Mapping[str, object]) -> None:
        self._key = key
        self._cipher = AESGCM(key)
        self._state = state
        self._known: dict[tuple[Place, str], str] = {}
        self._watch: Callable[[str], None] = _ignore

    def watch(self, listener: Callable[[str], None]) -> None:
        """Tell of each text that is encrypted or decrypted from now on, so that it can be hidden elsewhere."""
        self._watch = listener

    @property
    def state(self) -> Mapping[str, object] | None:
        """What `secrets_providers` of the state file holds."""
        return self._state

    def encrypt(self, plaintext: str, place: Place = ()) -> str:
        """Ciphertext of a text; at a named place the one already known for it, else a fresh one."""
        self._watch(plaintext)
        if not place:
            return _seal(self._cipher, plaintext)
        known = self._known.get((place, plaintext))
        if known is None:
            known = self._known[place, plaintext] = _seal(self._cipher, plaintext)
        return known

    def decrypt(self, ciphertext: str) -> str:
        """The text of a ciphertext.

        Raises:
            DecryptError: it is damaged, or was encrypted with another key.
        """
        plaintext = _unseal(self._cipher, ciphertext)
        self._watch(plaintext)
        return plaintext

    def remember(self, plaintext: str, place: Place, ciphertext: str) -> None:
        """Let `encrypt` give this ciphertext for this text at this place."""
        if place:
            self._known[place, plaintext] = ciphertext

    def hand_over(self, keeper: Cipher) -> str:
        """The key, encrypted by another manager: who has that one can read what this one wrote (`take_over`)."""
        return keeper.encrypt(base64.b64encode(self._key).decode("ascii"))


def take_over(state: Mapping[str, object], key: str, keeper: Cipher) -> KeySecrets:
    """The manager that handed its key over to another one.

    Raises:
        DecryptError: the keeper cannot read the key.
    """
    try:
        raw = base64.b64decode(keeper.decrypt(key), validate=True)
        return KeySecrets(raw, state)
    except (binascii.Error, ValueError) as error:
        raise errors.DecryptError("the key of the previous secrets provider is malformed") from error


def new_passphrase_secrets(passphrase: str) -> KeySecrets:
    """A manager with a fresh salt. Costs about half a second."""
    raw = os.urandom(_SALT_BYTES)
    key = _derive_key(passphrase, raw)
    proof = _seal(AESGCM(key), _PROOF)
    return KeySecrets(key, passphrase_state(f"v1:{base64.b64encode(raw).decode('ascii')}:{proof}"))


def open_passphrase_secrets(passphrase: str, salt: str) -> KeySecrets:
    """The manager of a stack that has a salt. Costs about half a second the first time in a process.

    Raises:
        PassphraseError: the passphrase is not the stack's.
        StateError: the salt is not one.
    """
    version, _, rest = salt.partition(":")
    encoded, _, proof = rest.partition(":")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise errors.StateError("the encryption salt is malformed") from error
    if version != "v1" or not raw or not proof:
        raise errors.StateError("the encryption salt is malformed", hint="it has the form v1:<salt>:<proof>")
    key = _derive_key(passphrase, raw)
    try:
        correct = _unseal(AESGCM(key), proof) == _PROOF
    except errors.DecryptError:
        correct = False
    if not correct:
        raise errors.PassphraseError(hint="set PULUMI_CONFIG_PASSPHRASE to the passphrase of this stack")
    return KeySecrets(key, passphrase_state(salt))


def passphrase_state(salt: str) -> Mapping[str, object]:
    """How a state file names the passphrase manager of a salt."""
    return {"type": KIND, "state": {"salt": salt}}


def cloud_state(url: str, encrypted_key: str) -> Mapping[str, object]:
    """How a state file names a manager whose key is kept by a cloud.

    Args:
        encrypted_key: base64 of what the cloud made of the key.
    """
    return {"type": CLOUD_KIND, "state": {"url": url, "encryptedkey": encrypted_key}}


def salt_of(state: Mapping[str, object] | None) -> str:
    """The salt of a passphrase manager; "" for any other."""
    return _part(state, KIND, "salt")


def url_of(state: Mapping[str, object] | None) -> str:
    """The URL of a cloud's key; "" for any other manager."""
    return _part(state, CLOUD_KIND, "url")


def encrypted_key_of(state: Mapping[str, object] | None) -> str:
    """The key that a cloud encrypted, base64; "" for any other manager."""
    return _part(state, CLOUD_KIND, "encryptedkey")


def _part(state: Mapping[str, object] | None, kind: str, key: str) -> str:
    inner = state.get("state") if state is not None and state.get("type") == kind else None
    part = inner.get(key) if isinstance(inner, Mapping) else None
    return part if isinstance(part, str) else ""


def _ignore(_text: str) -> None:
    """Nobody watches."""


@lru_cache(maxsize=64)
def _derive_key(passphrase: str, salt: bytes) -> bytes:
    """Pay the million rounds once per process, passphrase and salt."""
    return hashlib.pbkdf2_hmac("sha256", passphrase.encode("utf-8"), salt, ROUNDS, _KEY_BYTES)


def _seal(cipher: AESGCM, plaintext: str) -> str:
    nonce = os.urandom(_NONCE_BYTES)
    sealed = cipher.encrypt(nonce, plaintext.encode("utf-8"), None)
    return f"v1:{base64.b64encode(nonce).decode('ascii')}:{base64.b64encode(sealed).decode('ascii')}"


def _unseal(cipher: AESGCM, ciphertext: str) -> str:
    version, _, rest = ciphertext.partition(":")
    nonce, _, sealed = rest.partition(":")
    if version != "v1" or not sealed:
        raise errors.DecryptError("the ciphertext does not have the form v1:<nonce>:<text>")
    try:
        raw = cipher.decrypt(base64.b64decode(nonce, validate=True), base64.b64decode(sealed, validate=True), None)
        return raw.decode("utf-8")
    except InvalidTag as error:
        raise errors.DecryptError("it is damaged, or was encrypted with another key") from error
    except (binascii.Error, ValueError) as error:
        raise errors.DecryptError("the ciphertext is malformed") from error
