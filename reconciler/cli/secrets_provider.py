"""`pulumi stack change-secrets-provider`: another keeper, or another key, for the secrets of a stack.

Two files hold secrets, config and state, and a kill may come between any two writes:

1. a run that died is settled, and the state file backed up: all is the old provider's;
2. the config file: its secrets by the new provider, and in it how the new one reads the state (`previoussecrets`).
   Killed here, every command reads both; the next one that saves the state saves it by the new provider;
3. the state file, by the new provider;
4. the config file without `previoussecrets`. Killed before, the next command that writes the file drops it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from reconciler import errors
from reconciler.cli import flags
from reconciler.cli.flags import Command
from reconciler.cli.invocation import Invocation

if TYPE_CHECKING:
    from reconciler.cli.workspace import Workspace
    from reconciler.state.secrets import KeySecrets, SecretsManager


@click.command(
    "change-secrets-provider",
    cls=Command,
    epilog="Example: pulumi stack change-secrets-provider 'awskms://alias/secrets?region=eu-west-1'",
)
@click.argument("provider", metavar="NEW_SECRETS_PROVIDER")
@flags.stack_flag
@flags.global_flags
@click.pass_obj
def change_secrets_provider(invocation: Invocation, provider: str) -> None:
    """Encrypt the stack's secrets anew: passphrase, or a URL of awskms, azurekeyvault, gcpkms, hashivault.

    The provider of now again means a fresh key; for passphrase, a new passphrase.
    """
    from reconciler.cli.workspace import Workspace
    from reconciler.secrets.managers import check_provider

    check_provider(provider)
    workspace = Workspace(invocation)
    _change(workspace, provider)


def _change(workspace: Workspace, provider: str) -> None:
    from reconciler.backend import operations
    from reconciler.cli.workspace import note_keeper
    from reconciler.state.secrets_moves import render_handover

    backend, stack, file = workspace.backend, workspace.stack, workspace.stack_file
    with backend.lock(stack):
        old: SecretsManager | None = workspace.secrets if _has_secrets(workspace) else None
        loaded = backend.load(stack, old, check_integrity=workspace.checks_integrity)
        if loaded.left is not None:
            loaded = operations.settle(backend, stack, old, loaded)
        keeper = workspace.state_secrets if old is not None else None
        new = _new_secrets(workspace, provider)
        if old is not None:
            file.change_ciphertexts(lambda text: new.encrypt(workspace.config_secrets.decrypt(text)))
        workspace.terminal.write("Migrating old configuration and state to new secrets provider\n")
        backend.back_up(stack, loaded.stored)
        note_keeper(file, new, previous=render_handover(keeper, new) if keeper is not None else "")
        file.write()
        backend.replace_file(stack, loaded.stored, backend.render(loaded.stored, loaded.snapshot, new))
        if note_keeper(file, new):
            file.write()


def _has_secrets(workspace: Workspace) -> bool:
    """Must anything be decrypted? Without, nobody need know the old passphrase."""
    from reconciler.cli.stack_contents import has_ciphertext
    from reconciler.project.stack_files import has_secure

    stack = workspace.stack
    if any(has_secure(entry) for entry in workspace.stack_file.entries().values()):
        return True
    if has_ciphertext(workspace.backend.read(stack).checkpoint.deployment):
        return True
    try:
        return workspace.backend.load(stack, check_integrity=False).left is not None
    except errors.DecryptError:
        # The journal of a run that died holds one.
        return True


def _new_secrets(workspace: Workspace, provider: str) -> KeySecrets:
    from reconciler.cli.passphrases import choose_another
    from reconciler.secrets.managers import is_passphrase
    from reconciler.state.secrets import new_passphrase_secrets

    if is_passphrase(provider) and is_passphrase(workspace.stack_file.secrets_provider):
        return new_passphrase_secrets(choose_another(workspace.terminal))
    return workspace.new_secrets(provider)
