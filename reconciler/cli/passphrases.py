"""Where does the passphrase come from? The environment, a file, or the person."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from reconciler import errors
from reconciler.cli.terminal import Terminal
from reconciler.state.secrets import KeySecrets, open_passphrase_secrets

VARIABLE: Final = "PULUMI_CONFIG_PASSPHRASE"
FILE_VARIABLE: Final = "PULUMI_CONFIG_PASSPHRASE_FILE"
# How often a person may mistype.
_ATTEMPTS: Final = 3


def find_passphrase(environment: Mapping[str, str], terminal: Terminal, *, new: bool = False) -> str:
    """The passphrase. `new`: it is being chosen, so a person types it twice.

    Raises:
        PassphraseError: nothing names it and nobody is there to ask, its file cannot be read, or the two differ.
    """
    given = _given(environment)
    if given is not None:
        return given
    if not terminal.interactive:
        raise errors.MissingPassphraseError(
            f"passphrase must be set with {VARIABLE} or {FILE_VARIABLE} environment variables"
        )
    return _choose(terminal) if new else terminal.ask_secret("Enter your passphrase to unlock config/secrets: ")


def unlock(environment: Mapping[str, str], terminal: Terminal, salt: str) -> KeySecrets:
    """The passphrase manager of a salt; a person who mistypes is asked again.

    Raises:
        PassphraseError: as `find_passphrase`, or it is not the one of the salt.
        StateError: the salt is malformed.
    """
    asks = _given(environment) is None
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return open_passphrase_secrets(find_passphrase(environment, terminal), salt)
        except errors.MissingPassphraseError:
            raise
        except errors.PassphraseError as error:
            if not asks or attempt == _ATTEMPTS:
                raise
            terminal.warn(f"error: {error.summary}")
    raise errors.BugError("a loop of attempts ended without an outcome")


def choose_another(terminal: Terminal) -> str:
    """A passphrase to replace the present one: typed twice, or the first line of stdin when nobody is there.

    The environment does not count: it names the present one.

    Raises:
        PassphraseError: the two differ, or there is no line.
    """
    if terminal.interactive:
        return _choose(terminal, "new ")
    line = terminal.stdin.readline()
    if not line:
        raise errors.MissingPassphraseError(
            "the new passphrase is read from stdin, which is empty",
            hint=f"echo NEW | pulumi stack change-secrets-provider passphrase; {VARIABLE} names the present one",
        )
    return line.strip()


def _given(environment: Mapping[str, str]) -> str | None:
    given = environment.get(VARIABLE)
    if given is not None:
        return given
    if file := environment.get(FILE_VARIABLE):
        try:
            return Path(file).expanduser().read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise errors.MissingPassphraseError(f"{FILE_VARIABLE} names {file}: {reason}") from error
    return None


def _choose(terminal: Terminal, which: str = "") -> str:
    for _ in range(_ATTEMPTS):
        chosen = terminal.ask_secret(f"Enter your {which}passphrase to protect config/secrets: ")
        if terminal.ask_secret(f"Re-enter your {which}passphrase to confirm: ") == chosen:
            return chosen
        terminal.warn("error: passphrases do not match")
    raise errors.PassphraseError("the two passphrases differ")
