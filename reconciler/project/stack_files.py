"""Pulumi.<stack>.yaml: read, and change without disturbing the rest of the file.

Values are plain data in which `{"secure": <ciphertext>}` stands for a secret.
Encrypting is the caller's affair.

Source: facts/engine-contract.md §1.11.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, MutableMapping, MutableSequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path as FilePath
from typing import Final, TypeAlias

from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, SingleQuotedScalarString

from reconciler import errors
from reconciler.model.paths import Path, Step
from reconciler.project.config_keys import parse_key, parse_key_path
from reconciler.project.documents import Document, parse_document, plain, read_document, render_yaml
from reconciler.project.splices import EntryLines, find_entry_lines

SECURE: Final = "secure"
Container: TypeAlias = "MutableMapping[str, object] | MutableSequence[object]"

# What every YAML reader, of version 1.1 too, takes for this very text without quotes.
_SAFE: Final = re.compile(r"[A-Za-z/][A-Za-z0-9_./@+=,-]*(:[A-Za-z0-9_./@+=,-]+)*")
_WORDS: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"})
_WHOLE: Final = re.compile(r"[+-]?(0|[1-9]\d*)")


@dataclass(frozen=True, slots=True)
class Secure:
    """A secret's ciphertext."""

    ciphertext: str


class StackFile:
    """One stack's config file, to read and to change; `write` saves it."""

    def __init__(self, document: Document, project: str) -> None:
        self._document = document
        self._project = project

    @property
    def path(self) -> FilePath:
        """Where the file is, or will be."""
        return self._document.path

    @property
    def encryption_salt(self) -> str:
        """The passphrase manager's salt; "" where there is none."""
        return self._text("encryptionsalt")

    @property
    def secrets_provider(self) -> str:
        """URL of a cloud key, or "passphrase"; "" where the file does not say."""
        return self._text("secretsprovider")

    @property
    def encrypted_key(self) -> str:
        """The data key, encrypted by a cloud key; "" where there is none."""
        return self._text("encryptedkey")

    @property
    def previous_secrets(self) -> str:
        """How to read a state that is still by the secrets provider before this one; "" where it is not."""
        return self._text("previoussecrets")

    @property
    def has_environment(self) -> bool:
        """Does it name environments of Pulumi Cloud?"""
        return bool(self._document.data.get("environment"))

    def entries(self) -> Mapping[str, object]:
        """Full key -> plain data, sorted.

        Raises:
            ProjectError: a key is malformed or there twice, or `config` is not a mapping.
        """
        entries: dict[str, object] = {}
        for written, value in self._config().items():
            key = self._full(written)
            if key in entries:
                raise self._error("the key is there twice", f"config.{written}")
            entries[key] = plain(value)
        return dict(sorted(entries.items()))

    def get(self, key: str, *, path: bool = False) -> object | None:
        """The plain data at a key, or at a path into its value; None where there is none."""
        full, steps = self._place(key, path=path)
        value = self.entries().get(full)
        for step in steps:
            value = _child(value, step)
        return value

    def set(self, key: str, value: object, *, path: bool = False, as_is: bool = False) -> None:
        """Set a value: text, `Secure`, or plain data.

        Texts are written so that every reader takes them for texts. At a path
        inside a value, `true`, `false` and whole numbers become what they look
        like, as upstream does it, unless the value is to be taken `as_is`.

        Raises:
            UsageError: the path leads through a text or a secret, past a list's end, or to a reserved key.
        """
        full, steps = self._place(key, path=path)
        data = _coerced(value) if steps and isinstance(value, str) and not as_is else value
        self._assign(("config", self._written(full), *steps), _styled(data))

    def remove(self, key: str, *, path: bool = False) -> bool:
        """Remove a value; False when there was none."""
        full, steps = self._place(key, path=path)
        if self.get(key, path=path) is None and (steps or full not in self.entries()):
            return False
        self._delete(("config", self._written(full), *steps))
        return True

    def set_encryption_salt(self, salt: str) -> None:
        """Write the salt, at the top when it is new; "" removes it."""
        self._set_top("encryptionsalt", salt)

    def set_keeper(self, *, salt: str = "", provider: str = "", encrypted_key: str = "", previous: str = "") -> None:
        """Write who keeps the key of the secrets; what is "" is removed."""
        # Each new one goes to the top: upstream has the provider before its key.
        self.set_encryption_salt(salt)
        self._set_top("previoussecrets", previous)
        self._set_top("encryptedkey", encrypted_key)
        self._set_top("secretsprovider", provider)

    def change_ciphertexts(self, change: Callable[[str], str]) -> None:
        """Put another ciphertext in the place of each; nothing else in the file changes."""
        seen: set[int] = set()

        def visit(node: object) -> None:
            if id(node) in seen or not isinstance(node, (MutableMapping, MutableSequence)):
                return
            # An alias is the same node again, and is changed once.
            seen.add(id(node))
            if isinstance(node, MutableMapping) and is_secure(node):
                old = node[SECURE]
                new = change(str(old))
                is_quoted = isinstance(old, (DoubleQuotedScalarString, SingleQuotedScalarString))
                node[SECURE] = type(old)(new) if is_quoted else new
                return
            for item in node.values() if isinstance(node, MutableMapping) else node:
                visit(item)

        visit(self._document.data.get("config"))

    def render(self) -> str:
        """The file's text as it would be written."""
        return self._document.render()

    def write(self) -> None:
        """Save the file, whole or not at all."""
        self._document.write()

    def _set_top(self, key: str, text: str) -> None:
        data = self._document.data
        if not text:
            if key in data:
                self._delete((key,))
        elif isinstance(data, CommentedMap) and key not in data:
            data.insert(0, key, text)
        else:
            data[key] = text

    def _config(self) -> Mapping[str, object]:
        config = self._document.data.get("config")
        if config is None:
            return {}
        if not isinstance(config, Mapping):
            raise self._error("expected a mapping", "config")
        return {str(key): value for key, value in config.items()}

    def _place(self, key: str, *, path: bool) -> tuple[str, Path]:
        return parse_key_path(key, self._project) if path else (parse_key(key, self._project), ())

    def _full(self, written: str) -> str:
        try:
            return parse_key(written, self._project)
        except errors.UsageError as error:
            raise self._error(error.detail, f"config.{written}") from error

    def _written(self, full: str) -> str:
        """The key as the file spells it already, else in full."""
        return next((written for written in self._config() if self._full(written) == full), full)

    def _assign(self, path: Path, data: object) -> None:
        container = self._open(path)
        step = path[-1]
        old = _child(container, step)
        if step == SECURE and not (isinstance(container, Mapping) and len(container) > 1):
            raise errors.UsageError('"secure" key in maps of length 1 are reserved', hint="use --secret")
        if isinstance(old, Mapping) and isinstance(data, Mapping) and old.keys() == data.keys() == {SECURE}:
            # In place, so that comments around it stay.
            _put(old, SECURE, data[SECURE])
        elif old is not None and (_is_collection(old) or _is_collection(data)):
            self._splice(path, container, data, replaced=step)
        elif old is None and len(container) and _is_new(container, step):
            last = len(container) - 1 if isinstance(container, list) else str(list(container)[-1])
            self._splice(path, container, data, after=last)
        else:
            _put(container, step, data)

    def _delete(self, path: Path) -> None:
        container = self._open(path)
        if len(container) == 1 and len(path) > 1:
            self._assign(path[:-1], CommentedMap() if isinstance(container, Mapping) else CommentedSeq())
            return
        text = self._document.render()
        lines = find_entry_lines(self.path, text, path)
        if lines is not None:
            self._reread(text, lines, "")
        elif isinstance(container, MutableMapping):
            del container[str(path[-1])]
        elif isinstance(path[-1], int):
            del container[path[-1]]

    def _splice(
        self, path: Path, container: Container, data: object, *, replaced: Step | None = None, after: Step | None = None
    ) -> None:
        """Write an entry as text, in the place of one or after one: the comments around stay where they are."""
        text = self._document.render()
        neighbour = replaced if after is None else after
        lines = find_entry_lines(self.path, text, (*path[:-1], neighbour)) if neighbour is not None else None
        if lines is None:
            _put(container, path[-1], data)
            return
        if isinstance(container, Mapping):
            entry = render_yaml(CommentedMap({path[-1]: data}), indents_lists=self._document.indents_lists)
        else:
            # As a list of its own, without the dashes.
            item = render_yaml(CommentedSeq([data]), indents_lists=False)
            entry = "".join(line[2:] for line in item.splitlines(keepends=True))
        place = lines if after is None else replace(lines, first=lines.last + 1)
        self._reread(text, place, lines.indent(entry))

    def _reread(self, text: str, lines: EntryLines, replacement: str) -> None:
        kept = text.splitlines(keepends=True)
        kept[lines.first : lines.last + 1] = [replacement]
        self._document = parse_document(self.path, "".join(kept))

    def _open(self, path: Path) -> Container:
        """The container that holds the last step, made where there is none."""
        container: Container = self._document.data
        for step, following in pairwise(path):
            child = _child(container, step)
            if child is None or child in ({}, []):
                # Made anew even when there is an empty one, which would keep its `{}` style.
                child = CommentedSeq() if isinstance(following, int) else CommentedMap()
                _put(container, step, child)
            if isinstance(child, Mapping) and is_secure(plain(child)):
                raise errors.UsageError(f"the path leads through the secret at {step!r}", hint="set the whole key")
            if not isinstance(child, (MutableMapping, MutableSequence)):
                raise errors.UsageError(f"the path leads through {step!r}, which is neither a mapping nor a list")
            container = child
        return container

    def _text(self, key: str) -> str:
        value = self._document.data.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self._error("expected a text", key)
        return str(value)

    def _error(self, detail: str, key: str) -> errors.ProjectError:
        return errors.ProjectError(detail, file=str(self.path), key=key)


def read_stack_file(path: FilePath, project: str) -> StackFile:
    """A stack's config file; an empty one where there is no file yet.

    Raises:
        ProjectError: it is malformed.
    """
    document = read_document(path) if path.exists() else parse_document(path, "")
    return StackFile(document, project)


def is_secure(value: object) -> bool:
    """Does plain data stand for a secret?"""
    return isinstance(value, Mapping) and value.keys() == {SECURE} and isinstance(value[SECURE], str)


def has_secure(value: object) -> bool:
    """Is a secret anywhere inside plain data?"""
    if is_secure(value):
        return True
    if isinstance(value, Mapping):
        return any(has_secure(item) for item in value.values())
    return isinstance(value, list) and any(has_secure(item) for item in value)


def _child(container: object, step: Step) -> object | None:
    if isinstance(container, Mapping) and isinstance(step, str):
        return container.get(step)
    if isinstance(container, list) and isinstance(step, int) and step < len(container):
        item: object = container[step]
        return item
    return None


def _is_collection(value: object) -> bool:
    return isinstance(value, (Mapping, list))


def _is_new(container: Container, step: Step) -> bool:
    """Would a value at this step come after all others?"""
    return step not in container if isinstance(container, Mapping) else step == len(container)


def _put(container: object, step: Step, value: object) -> None:
    if isinstance(container, MutableMapping) and isinstance(step, str):
        container[step] = value
    elif not isinstance(container, MutableSequence) or not isinstance(step, int):
        raise errors.UsageError(f"there is no place {step!r}: a list has indexes and a mapping has keys")
    elif step < len(container):
        container[step] = value
    elif step == len(container):
        container.append(value)
    else:
        raise errors.UsageError(f"the list has {len(container)} item(s) and no place {step}")


def _coerced(text: str) -> object:
    if text in ("true", "false"):
        return text == "true"
    return int(text) if _WHOLE.fullmatch(text) else text


def _styled(value: object) -> object:
    """Data as the YAML writer takes it."""
    if isinstance(value, Secure):
        return CommentedMap({SECURE: value.ciphertext})
    if isinstance(value, str):
        is_safe = _SAFE.fullmatch(value) and value.lower() not in _WORDS
        return value if is_safe else DoubleQuotedScalarString(value)
    if isinstance(value, Mapping):
        return CommentedMap({str(key): _styled(item) for key, item in value.items()})
    if isinstance(value, (list, tuple)):
        return CommentedSeq([_styled(item) for item in value])
    return value
