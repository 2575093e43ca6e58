"""What config does a program get? Stack values, then the project's defaults, checked against declarations.

Source: facts/engine-contract.md §1.10 (merge order, types, failures), §1.11 (values as texts).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from reconciler import errors
from reconciler.model import codec
from reconciler.model.values import PropertyMap, Secret, Value, freeze, reveal
from reconciler.project.config_keys import short_key
from reconciler.project.declarations import Declaration
from reconciler.project.files import Project
from reconciler.project.stack_files import SECURE, StackFile, has_secure, is_secure

Decrypt = Callable[[str], str]
"""Ciphertext -> text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveConfig:
    """All config of one run, by full key, sorted.

    Attributes:
        values: texts, as programs get them: scalars as JSON spells them, objects as compact JSON; secrets readable.
        secret_keys: the keys whose value has a secret in it.
        structured: the same values as data, each secret wrapped where it stands.
        stored: the values as history records hold them: text, or `{"secure": ciphertext}`.
    """

    values: Mapping[str, str]
    secret_keys: frozenset[str]
    structured: PropertyMap
    stored: Mapping[str, object]

    def namespace(self, package: str) -> PropertyMap:
        """What a provider of that package is given: name -> text, secrets wrapped."""
        prefix = f"{package}:"
        return {
            key.removeprefix(prefix): Secret(text) if key in self.secret_keys else text
            for key, text in self.values.items()
            if key.startswith(prefix)
        }


def effective_config(
    project: Project, stack: str, file: StackFile, decrypt: Decrypt, *, checks: bool = True
) -> EffectiveConfig:
    """Merge, decrypt and check the config of a stack.

    Args:
        stack: the stack's name, for messages.
        decrypt: called once per secret; may raise DecryptError.
        checks: hold the values to what the project declares of them.

    Raises:
        ProjectError: values are missing (all are named), of the wrong type, or not encrypted although declared secret;
            or the file names environments of Pulumi Cloud.
    """
    if file.has_environment:
        raise errors.ProjectError(
            "environments of Pulumi Cloud cannot be read here",
            file=str(file.path),
            key="environment",
            hint="set their values with `pulumi config set`",
        )
    entries = dict(file.entries())
    if checks:
        _check_declared(project, stack, file, entries)
    defaulted: set[str] = set()
    for key, declaration in project.config.items():
        if key not in entries and declaration.fallback is not None:
            entries[key] = declaration.fallback
            if declaration.secret:
                defaulted.add(key)
    structured: dict[str, Value] = {}
    for key in sorted(entries):
        value = _open(entries[key], decrypt)
        structured[key] = Secret(value) if key in defaulted else value
    return EffectiveConfig(
        values={key: render_value(value) for key, value in structured.items()},
        secret_keys=frozenset(key for key in entries if has_secure(entries[key])) | defaulted,
        structured=structured,
        stored={key: _stored(key, entries[key], defaulted) for key in sorted(entries)},
    )


def render_value(value: Value) -> str:
    """A config value as programs get it, secrets readable.

    >>> render_value("a"), render_value(True), render_value({"b": (1, 2.5)})
    ('a', 'true', '{"b":[1,2.5]}')
    """
    opened = reveal(value)
    if opened is None:
        return ""
    return opened if isinstance(opened, str) else codec.render_json(codec.encode(opened, None))


def _check_declared(project: Project, stack: str, file: StackFile, entries: Mapping[str, object]) -> None:
    declarations = project.config.values()
    missing = [one.key for one in declarations if one.key not in entries and one.fallback is None]
    if missing:
        names = [short_key(key, project.name) for key in missing]
        plural = "s" if len(names) > 1 else ""
        raise errors.ProjectError(
            f"Stack '{stack}' is missing configuration value{plural} {_listed(names)}",
            file=str(file.path),
            key=", ".join(names),
            hint=f"`pulumi config set {names[0]} <value>`",
        )
    for declaration in declarations:
        if declaration.key in entries:
            _check_value(project, stack, file, declaration, entries[declaration.key])


def _check_value(project: Project, stack: str, file: StackFile, declaration: Declaration, value: object) -> None:
    name = short_key(declaration.key, project.name)
    subject = f"Stack '{stack}' with configuration key '{name}'"
    if declaration.secret and not has_secure(value):
        hint = f"`pulumi config set --secret {name}`"
        raise errors.ProjectError(
            f"{subject} must be encrypted as it's secret", file=str(file.path), key=name, hint=hint
        )
    shape = declaration.shape
    # A secret's type shows only once it is decrypted, and then it is a text.
    if shape is None or is_secure(value):
        return
    # A bare number or flag is the text of it to a program.
    is_text = shape.type == "string" and isinstance(value, (str, int, float))
    if not is_text and not shape.fits(value):
        raise errors.ProjectError(f"{subject} must be of type '{shape}'", file=str(file.path), key=name)


def _open(value: object, decrypt: Decrypt) -> Value:
    if is_secure(value) and isinstance(value, Mapping):
        return Secret(decrypt(str(value[SECURE])))
    if isinstance(value, Mapping):
        return {str(key): _open(item, decrypt) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return tuple(_open(item, decrypt) for item in value)
    return freeze(value)


def _stored(key: str, value: object, defaulted: set[str]) -> object:
    # A secret default is readable in Pulumi.yaml; the record leaves it out all the same.
    if key in defaulted:
        return {SECURE: ""}
    if is_secure(value):
        return value
    return render_value(freeze(value)) if not has_secure(value) else {SECURE: codec.render_json(value)}


def _listed(names: Sequence[str]) -> str:
    quoted = [f"'{name}'" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
