"""A stack whose secrets are on their way from one manager to another.

Config file and state are two files, so that a crash may leave one of them with
the old manager. The config file is written first, and with it who kept the
state's secrets until then (`render_handover`): the new manager alone reads both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

from reconciler import errors
from reconciler.model import codec
from reconciler.model.codec import Place
from reconciler.state.secrets import KeySecrets, SecretsManager, take_over


class MovingSecrets:
    """Writes by the new manager, and reads what the new or the old one wrote.

    Nothing that the old one wrote is kept as it is: the next save has all secrets by the new one.

    Args:
        open_old: called when something is met that the new one did not write.
    """

    def __init__(self, new: SecretsManager, open_old: Callable[[], KeySecrets]) -> None:
        self._new = new
        self._open_old = open_old

    @cached_property
    def old(self) -> KeySecrets:
        """The old manager. Raises as `open_old`."""
        return self._open_old()

    @property
    def state(self) -> Mapping[str, object] | None:
        """The new manager's."""
        return self._new.state

    def encrypt(self, plaintext: str, place: Place = ()) -> str:
        """By the new manager."""
        return self._new.encrypt(plaintext, place)

    def decrypt(self, ciphertext: str) -> str:
        """By whichever wrote it: the cipher tells for sure.

        Raises:
            DecryptError: neither did.
        """
        try:
            # A run that died wrote its journal by the new manager beside a state of the old one.
            return self._new.decrypt(ciphertext)
        except errors.DecryptError:
            return self.old.decrypt(ciphertext)

    def remember(self, plaintext: str, place: Place, ciphertext: str) -> None:
        """Forget it: it may be the old manager's."""


def render_handover(old: KeySecrets, new: SecretsManager) -> str:
    """What the config file says about the manager before: which one, and its key, encrypted by the new one."""
    return codec.render_json({"provider": dict(old.state or {}), "key": old.hand_over(new)})


def open_handover(text: str, provider: Mapping[str, object], new: SecretsManager) -> KeySecrets | None:
    """The manager of a state, where the config file has it; None where it tells of another one, or of none.

    Args:
        provider: what the state says of its manager.

    Raises:
        DecryptError: the new manager cannot read the key.
    """
    try:
        data = codec.parse_json(text) if text else None
    except errors.CheckpointFormatError:
        return None
    if not isinstance(data, dict) or data.get("provider") != provider or not isinstance(data.get("key"), str):
        return None
    return take_over(provider, data["key"], new)
