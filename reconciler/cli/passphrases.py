"""Where does the passphrase come from? The environment, a file, or the person."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from reconciler import errors
from reconciler.cli.terminal import Terminal

VARIABLE: Final = "PULUMI_CONFIG_PASSPHRASE"
FILE_VARIABLE: Final = "PULUMI_CONFIG_PASSPHRASE_FILE"


def find_passphrase(environment: Mapping[str, str], terminal: Terminal, *, new: bool = False) -> str:
    """The passphrase. `new`: it is being chosen, so a person types it twice.

    Raises:
        PassphraseError: nothing names it and nobody is there to ask, its file cannot be read, or the two differ.
    """
    given = environment.get(VARIABLE)
    if given is not None:
        return given
    if file := environment.get(FILE_VARIABLE):
        try:
            return Path(file).expanduser().read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise errors.MissingPassphraseError(f"{FILE_VARIABLE} names {file}: {reason}") from error
    if not terminal.interactive:
        raise errors.MissingPassphraseError(
            f"passphrase must be set with {VARIABLE} or {FILE_VARIABLE} environment variables"
        )
    if not new:
        return terminal.ask_secret("Enter your passphrase to unlock config/secrets: ")
    chosen = terminal.ask_secret("Enter your passphrase to protect config/secrets: ")
    if terminal.ask_secret("Re-enter your passphrase to confirm: ") != chosen:
        raise errors.PassphraseError("the two passphrases differ")
    return chosen
