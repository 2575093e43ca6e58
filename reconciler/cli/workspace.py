"""What a command works on: the project, its backend, one stack, its config file and its secrets.

Each is found when it is first asked for, so that a command pays for, and fails
on, nothing that it does not use.
"""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler import errors
from reconciler.backend.addresses import open_backend
from reconciler.backend.locks import Patience
from reconciler.backend.references import StackReference, parse_reference
from reconciler.backend.stacks import Backend, Loaded
from reconciler.cli.invocation import Invocation
from reconciler.cli.passphrases import find_passphrase, unlock
from reconciler.cli.redact import Blinders
from reconciler.cli.terminal import Terminal
from reconciler.model import urns
from reconciler.model.values import EMPTY, PropertyMap, Secret, Value, freeze
from reconciler.project import config_keys, files, home
from reconciler.project.config import EffectiveConfig, effective_config
from reconciler.project.stack_files import SECURE, StackFile, is_secure, read_stack_file
from reconciler.secrets import managers
from reconciler.state.secrets import (
    KeySecrets,
    SecretsManager,
    encrypted_key_of,
    new_passphrase_secrets,
    salt_of,
    url_of,
)
from reconciler.state.secrets_moves import MovingSecrets, open_handover

if TYPE_CHECKING:
    from collections.abc import Callable


class Workspace:
    """One command's view of the world.

    Args:
        stack_name: the stack that the command names itself, before `--stack`.
        config_file: the stack's config file where it is not the project's usual one.
    """

    def __init__(self, invocation: Invocation, *, stack_name: str = "", config_file: str = "") -> None:
        self._invocation = invocation
        self._stack_name = stack_name
        self._config_file = config_file

    @property
    def terminal(self) -> Terminal:
        """The process's terminal."""
        return self._invocation.terminal

    @property
    def user(self) -> str:
        """Who runs this."""
        try:
            return getpass.getuser()
        except (OSError, KeyError):
            # A container's user need not have a name.
            return "unknown"

    @property
    def directory(self) -> Path:
        """Where the command runs: relative paths on its line begin there."""
        return self._invocation.directory

    @property
    def environment(self) -> Mapping[str, str]:
        """The process's environment."""
        return self._invocation.environment

    @cached_property
    def home(self) -> home.Home:
        """Credentials and selections."""
        return home.find_home(self._invocation.environment)

    @cached_property
    def project(self) -> files.Project:
        """The project around the working directory.

        Raises:
            ProjectError: there is none, or its file is wrong.
        """
        return files.read_project(self._invocation.directory)

    def find_project(self) -> files.Project | None:
        """The project, None where there is none.

        Raises:
            ProjectError: its file is wrong.
        """
        return self.project if files.find_project_file(self._invocation.directory) else None

    @cached_property
    def backend(self) -> Backend:
        """Where stacks are kept.

        Raises:
            BackendError: nobody chose one, or it cannot be used.
        """
        url = home.choose_backend(self._invocation.environment, self.find_project(), self.home)
        backend = open_backend(url, self._invocation.environment)
        backend.patience = Patience(wait_s=self._invocation.lock_wait_s, tell=self._invocation.terminal.warn)
        return backend

    # Stacks

    def reference(self, name: str) -> StackReference:
        """The stack of that name, which need not exist."""
        return parse_reference(name, self.project.name)

    @cached_property
    def stack(self) -> StackReference:
        """The stack to work on; it exists.

        Raises:
            NoStackSelectedError: nothing names one.
            StackNotFoundError: there is none of that name.
        """
        named = self._stack_name or self._invocation.stack_name
        try:
            name = home.choose_stack(self._invocation.environment, self.project, self.backend.url, self.home, named)
        except errors.UsageError as error:
            raise errors.NoStackSelectedError(
                "neither --stack nor PULUMI_STACK names one",
                hint="`pulumi stack select` chooses one, `pulumi stack init` makes one",
            ) from error
        reference = self.reference(name)
        if not self.backend.has_stack(reference):
            raise errors.StackNotFoundError(reference.stack, hint=f"`pulumi stack init {reference.stack}` makes it")
        return reference

    def find_current(self) -> StackReference | None:
        """The stack that commands work on by themselves, None where none is chosen."""
        project = self.find_project()
        if project is None:
            return None
        environment = self._invocation.environment
        name = environment.get("PULUMI_STACK") or self.home.selected_stack(project, self.backend.url)
        return self.reference(name) if name else None

    def select(self, stack: StackReference) -> None:
        """Make a stack the current one."""
        self.home.select_stack(self.project, self.backend.url, str(stack))

    def create(self, name: str, provider: str = "") -> StackReference:
        """Make an empty stack, and write who keeps its secrets to its config file.

        Args:
            provider: `passphrase`, or the URL of a cloud's key; "" leaves it to the config file.

        Raises:
            StackExistsError: there is one.
            PassphraseError: there is no passphrase, or not the one of the config file.
            SecretsProviderError: the cloud's key cannot be used.
        """
        reference = self.reference(name)
        if self.backend.has_stack(reference):
            raise errors.StackExistsError(reference.stack)
        file = self._read_stack_file(reference)
        if provider in ("", "default") or provider == file.secrets_provider:
            secrets = self._open_secrets(file, None)
        elif managers.is_passphrase(provider) and file.encryption_salt:
            secrets = unlock(self.environment, self.terminal, file.encryption_salt)
        else:
            secrets = self.new_secrets(provider)
        self.backend.create_stack(reference, secrets.state)
        if note_keeper(file, secrets):
            file.write()
        self.__dict__["stack"] = reference
        return reference

    def remove_stack(self, *, force: bool = False, preserve_config: bool = False, remove_backups: bool = False) -> None:
        """Remove the stack, its config file, and its selection.

        Raises:
            BackendError: it has resources, and `force` is not given.
        """
        reference = self.stack
        self.backend.remove_stack(reference, force=force, remove_backups=remove_backups)
        if self.find_current() == reference:
            self.home.select_stack(self.project, self.backend.url, "")
        if not preserve_config:
            self._stack_file_path(reference).unlink(missing_ok=True)

    def shown(self, stack: StackReference) -> str:
        """The stack's name as a person inside this project says it."""
        project = self.find_project()
        is_ours = project is not None and project.name == stack.project
        return stack.stack if is_ours and not self._invocation.is_set("fully_qualify_stack_names") else str(stack)

    # State

    @property
    def checks_integrity(self) -> bool:
        """Is a state that breaks its own rules refused?"""
        return not self._invocation.is_set("disable_integrity_checking")

    def is_on(self, variable: str) -> bool:
        """Does this variable of the environment say yes?"""
        return self._invocation.is_on(variable)

    def load(self, *, blind: bool = False) -> Loaded:
        """The stack's state. `blind`: every secret reads `[secret]`, and no passphrase is needed."""
        secrets: SecretsManager = Blinders() if blind else self.secrets
        loaded = self.backend.load(self.stack, secrets, check_integrity=self.checks_integrity)
        if not blind:
            self._invocation.redactor.learn_resources(*loaded.snapshot.resources)
        return loaded

    def outputs(self, *, blind: bool = False) -> PropertyMap:
        """The stack's outputs."""
        resources = self.load(blind=blind).snapshot.resources
        return next((one.outputs for one in resources if one.type == urns.STACK_TYPE), EMPTY)

    # Config and secrets

    @cached_property
    def stack_file(self) -> StackFile:
        """The stack's config file, to read and to change."""
        return self._read_stack_file(self.stack)

    @cached_property
    def config_secrets(self) -> KeySecrets:
        """The secrets manager that the config file names; what the file lacks of it is put there, unwritten.

        Raises:
            PassphraseError: there is no passphrase, or it is not the stack's.
            SecretsProviderError: the cloud's key cannot be used.
        """
        provider = self._state_provider
        secrets = self._open_secrets(self.stack_file, provider)
        # A change of provider that a crash interrupted is over as soon as the state is by the new one.
        still_moving = provider is not None and provider != secrets.state
        note_keeper(self.stack_file, secrets, previous=self.stack_file.previous_secrets if still_moving else "")
        return self._watched(secrets)

    @cached_property
    def secrets(self) -> SecretsManager:
        """What reads the state's secrets, and writes them by the manager that the config file names.

        Raises:
            PassphraseError, SecretsProviderError: as `config_secrets`.
        """
        ours, provider = self.config_secrets, self._state_provider
        if provider is None or provider == ours.state:
            return ours
        return MovingSecrets(ours, lambda: self._watched(self._open_previous(provider, ours)))

    @property
    def state_secrets(self) -> KeySecrets | None:
        """The secrets manager that the state names; None where it names none."""
        secrets = self.secrets
        if self._state_provider is None:
            return None
        return secrets.old if isinstance(secrets, MovingSecrets) else self.config_secrets

    @cached_property
    def _state_provider(self) -> Mapping[str, object] | None:
        return self.backend.read(self.stack).checkpoint.secrets_provider

    def _watched(self, secrets: KeySecrets) -> KeySecrets:
        """The manager; what passes it, of the present and of old state, is hidden wherever it shows up."""
        secrets.watch(self._invocation.redactor.learn_plaintext)
        return secrets

    def new_secrets(self, provider: str) -> KeySecrets:
        """A secrets manager with a fresh key, by the name or URL of a provider."""
        if managers.is_passphrase(provider):
            return self._watched(new_passphrase_secrets(find_passphrase(self.environment, self.terminal, new=True)))
        return self._watched(managers.new_cloud_secrets(provider, self.environment))

    def full_key(self, key: str) -> str:
        """A config key with its namespace."""
        return config_keys.parse_key(key, self.project.name)

    def config(self, *, checks: bool = True) -> EffectiveConfig:
        """The config that a run is given; its secrets are known to the redactor afterwards.

        Args:
            checks: hold it to what the project declares.
        """
        config = effective_config(self.project, self.stack.stack, self.stack_file, self._decrypt, checks=checks)
        self._invocation.redactor.learn_values(config.structured)
        return config

    def config_values(self, *, blind: bool = False) -> Mapping[str, Value]:
        """The values of the config file and what the project declares for absent ones, unchecked, by full key."""
        decrypt = _blinded if blind else self._decrypt
        declared = {key: one.fallback for key, one in self.project.config.items() if one.fallback is not None}
        entries = declared | dict(self.stack_file.entries())
        return {key: _opened(entries[key], decrypt) for key in sorted(entries)}

    def config_value(self, key: str, *, path: bool) -> Value:
        """One value, in plain text; None where there is none."""
        entry = self.stack_file.get(key, path=path)
        if entry is None and not path:
            return self.config_values(blind=True).get(self.full_key(key))
        return _opened(entry, self._decrypt)

    def _decrypt(self, ciphertext: str) -> str:
        return self.config_secrets.decrypt(ciphertext)

    def open_other_secrets(self, provider: Mapping[str, object] | None) -> SecretsManager | None:
        """The secrets manager of another stack, with this one's passphrase or by its cloud's key.

        Raises:
            StateError, PassphraseError, SecretsProviderError: as `managers.open_provider`.
        """
        return None if provider is None else self._watched(self._open_provider(provider))

    def _open_provider(self, provider: Mapping[str, object]) -> KeySecrets:
        return managers.open_provider(
            provider, self.environment, lambda salt: unlock(self.environment, self.terminal, salt)
        )

    def _open_previous(self, provider: Mapping[str, object], ours: KeySecrets) -> KeySecrets:
        """The manager of a state that is not by the config file's one."""
        if (old := open_handover(self.stack_file.previous_secrets, provider, ours)) is not None:
            return old
        try:
            return self._open_provider(provider)
        except errors.PassphraseError as error:
            raise type(error)(
                f"the state of '{self.stack.stack}' has another passphrase than {self.stack_file.path.name}",
                hint="bring back the config file that belongs to the state; its `encryptionsalt` differs",
            ) from error

    def _open_secrets(self, file: StackFile, provider: Mapping[str, object] | None) -> KeySecrets:
        """By what the config file says, else by the state's, else anew."""
        url, salt = file.secrets_provider, file.encryption_salt
        if not managers.is_passphrase(url):
            managers.check_provider(url)
            if file.encrypted_key:
                return managers.open_cloud_secrets(url, file.encrypted_key, self.environment)
            return self._open_provider(provider) if url_of(provider) == url and provider else self.new_secrets(url)
        if salt:
            return unlock(self.environment, self.terminal, salt)
        return self.new_secrets("") if provider is None else self._open_provider(provider)

    def _read_stack_file(self, stack: StackReference) -> StackFile:
        return read_stack_file(self._stack_file_path(stack), self.project.name)

    def _stack_file_path(self, stack: StackReference) -> Path:
        if self._config_file:
            return self._invocation.directory / self._config_file
        return self.project.stack_file(stack.stack)


def note_keeper(file: StackFile, secrets: KeySecrets, *, previous: str = "") -> bool:
    """Put into a config file, unwritten, what its secrets manager is; was there a change?"""
    salt, url, key = salt_of(secrets.state), url_of(secrets.state), encrypted_key_of(secrets.state)
    before = (file.encryption_salt, file.secrets_provider, file.encrypted_key, file.previous_secrets)
    # That it is the passphrase may be said, and need not be.
    provider = url or (file.secrets_provider if managers.is_passphrase(file.secrets_provider) else "")
    if before == (salt, provider, key, previous):
        return False
    file.set_keeper(salt=salt, provider=provider, encrypted_key=key, previous=previous)
    return True


def _blinded(_ciphertext: str) -> str:
    return "[secret]"


def _opened(entry: object, decrypt: Callable[[str], str]) -> Value:
    if is_secure(entry) and isinstance(entry, Mapping):
        return Secret(decrypt(str(entry[SECURE])))
    if isinstance(entry, Mapping):
        return {str(key): _opened(item, decrypt) for key, item in entry.items()}
    if isinstance(entry, list):
        return tuple(_opened(item, decrypt) for item in entry)
    return freeze(entry)
