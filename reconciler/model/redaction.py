"""Which texts are secret, and how does a text look without them?

Values marked secret are masked where they are rendered. This is the second
net: a secret's text inside another text (an error of a service, what the
program printed, a value that is not marked) is found by value and replaced.

A map that is secret as a whole (a connection: user, database, password) holds
what is no secret, too. So a part of a larger secret is not hidden where a
resource has the same text as a plain input: the state says it in plain as well,
and a screen without any name would say nothing.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from urllib.parse import quote, quote_plus

from reconciler.model.codec import SIGNATURE_KEY, Signature
from reconciler.model.resources import Recorded
from reconciler.model.values import Asset, PropertyMap, Secret, Value, walk

MASK: Final = "[secret]"
# Shorter texts are found everywhere: masking them would hide the message and name the secret by what is missing.
SHORTEST: Final = 3
# A short word in small letters stands in ordinary sentences: masking it there would spoil the hint that holds it,
# and tell the secret by the gap. Where a value is marked secret it is masked all the same.
LONGEST_WORD: Final = 8
# A line of a longer secret (a private key) is worth hiding alone when it is no everyday word.
SHORTEST_LINE: Final = 12
# Base64 of a secret in the middle of something else: fewer letters than these are found by chance.
_SHORTEST_CORE: Final = 8
# Where tools break long base64: PEM, MIME.
_COLUMNS: Final = (64, 76)
# What a resource is called: readers of events go by it, and it is no place for a secret.
_NAMES: Final = frozenset({"urn", "type", "parent", "provider", "op", "kind", "severity", "color", "dependencies"})


class Redactor:
    """Replaces every secret text that it has learnt. One thread learns at a time; any may mask meanwhile."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._learnt: set[str] = set()
        self._spellings: set[str] = set()
        # Parts of larger secrets, their spellings, and what resources say in plain.
        self._parts: set[str] = set()
        self._part_spellings: set[str] = set()
        self._plain: set[str] = set()
        # The first letters of spellings -> how long those are that begin so, the longest first.
        self._lengths: dict[str, tuple[int, ...]] = {}
        # Compiled when first needed: thousands of secrets may be learnt before anything is printed.
        self._beginnings: re.Pattern[str] | None = None
        for text in texts:
            self.learn(text)

    def learn(self, text: str) -> None:
        """Hide this text from now on, in the spellings in which messages carry it."""
        if text in self._learnt:
            return
        self._learnt.add(text)
        self._hide(text, self._spellings)

    def _learn_part(self, text: str) -> None:
        if text in self._parts:
            return
        self._parts.add(text)
        if text not in self._plain:
            self._hide(text, self._part_spellings)

    def _learn_plain(self, text: str) -> None:
        self._plain.add(text)
        if text in self._parts:
            self._part_spellings.difference_update(_forms(text))

    def _hide(self, text: str, spellings: set[str]) -> None:
        if _is_everywhere(text.strip()):
            return
        for form in set(_forms(text)):
            start = form[:SHORTEST]
            if len(start) < SHORTEST:
                continue
            spellings.add(form)
            lengths = self._lengths.get(start, ())
            if len(form) not in lengths:
                self._lengths[start] = tuple(sorted((*lengths, len(form)), reverse=True))
            if not lengths:
                self._beginnings = None

    def learn_plaintext(self, plaintext: str) -> None:
        """Learn what a secrets manager encrypts or decrypts: a text of config, or JSON of a value."""
        try:
            data = json.loads(plaintext)
        except (ValueError, RecursionError):
            data = plaintext
        if isinstance(data, (dict, list)):
            for text in _leaves(data):
                self._learn_part(text)
            self.learn(plaintext)
        else:
            for text in (*_leaves(data), plaintext):
                self.learn(text)

    def learn_values(self, properties: PropertyMap) -> None:
        """Learn what is inside the secrets of a property map."""
        for secret in _secrets(properties.values()):
            learn = self._learn_part if isinstance(secret.value, (tuple, Mapping)) else self.learn
            for text in _texts(secret.value):
                learn(text)

    def learn_resources(self, *resources: Recorded | None) -> None:
        """Learn what is inside the secrets of resources."""
        for resource in resources:
            if resource is not None:
                for text in _plain_texts(resource.inputs.values()):
                    if text not in self._plain:
                        self._learn_plain(text)
                self.learn_values(resource.inputs)
                self.learn_values(resource.outputs)

    def mask(self, message: str) -> str:
        """The message with each secret text replaced.

        >>> Redactor(["hunter2"]).mask("login as x/hunter2 refused")
        'login as x/[secret] refused'
        """
        if not self._lengths:
            return message
        beginnings = self._beginnings
        if beginnings is None:
            beginnings = self._beginnings = _compile(tuple(self._lengths))
        kept: list[str] = []
        done = 0
        found = beginnings.search(message)
        while found is not None:
            at = found.start()
            lengths = self._lengths.get(message[at : at + SHORTEST], ())
            length = next((each for each in lengths if self._is_secret(message[at : at + each])), 0)
            if length:
                kept += (message[done:at], MASK)
                done = at + length
            found = beginnings.search(message, done if length else at + 1)
        return "".join((*kept, message[done:])) if kept else message

    def _is_secret(self, text: str) -> bool:
        return text in self._spellings or text in self._part_spellings

    def mask_data(self, data: object) -> object:
        """JSON data with each secret text in its texts replaced; keys and resources' names stay."""
        if isinstance(data, str):
            return self.mask(data)
        if isinstance(data, Mapping):
            return {key: item if key in _NAMES else self.mask_data(item) for key, item in data.items()}
        if isinstance(data, (list, tuple)):
            return [self.mask_data(item) for item in data]
        return data


def _compile(starts: Iterable[str]) -> re.Pattern[str]:
    """What finds any of these starts, without trying them one by one."""
    tree: dict[str, dict[str, list[str]]] = {}
    for start in starts:
        tree.setdefault(start[0], {}).setdefault(start[1], []).append(start[2])
    return re.compile("|".join(f"{re.escape(first)}(?:{_branch(below)})" for first, below in tree.items()))


def _branch(below: Mapping[str, Iterable[str]]) -> str:
    return "|".join(f"{re.escape(second)}[{_class(thirds)}]" for second, thirds in below.items())


def _class(letters: Iterable[str]) -> str:
    return "".join(map(re.escape, letters))


def _secrets(items: Iterable[Value]) -> Iterator[Secret]:
    # Every value of every resource passes here, and nearly all of them are plain texts and numbers.
    for item in items:
        if isinstance(item, Secret):
            yield item
        elif isinstance(item, tuple):
            yield from _secrets(item)
        elif isinstance(item, Mapping):
            yield from _secrets(item.values())


def _plain_texts(items: Iterable[Value]) -> Iterator[str]:
    for item in items:
        if isinstance(item, str):
            yield item
        elif isinstance(item, tuple):
            yield from _plain_texts(item)
        elif isinstance(item, Mapping):
            yield from _plain_texts(item.values())


def _texts(value: Value) -> Iterator[str]:
    for part in walk(value):
        if isinstance(part, str):
            yield part
        elif isinstance(part, Asset) and part.text:
            yield part.text
        elif isinstance(part, (int, float)) and not isinstance(part, bool):
            yield str(part)


def _leaves(data: object) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        # That a secret names a resource makes no secret of the resource's name, which state has in plain.
        if data.get(SIGNATURE_KEY) != Signature.RESOURCE_REFERENCE:
            for item in data.values():
                yield from _leaves(item)
    elif isinstance(data, list):
        for item in data:
            yield from _leaves(item)
    elif isinstance(data, (int, float)) and not isinstance(data, bool):
        yield str(data)


def _forms(text: str) -> Iterator[str]:
    whole = text.strip()
    yield text
    yield whole
    for escaped in (json.dumps(whole)[1:-1], json.dumps(whole, ensure_ascii=False)[1:-1]):
        yield escaped
        # As Go escapes it; and JSON inside a text of JSON.
        yield escaped.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
        yield json.dumps(escaped)[1:-1]
    yield html.escape(whole)
    yield repr(whole)[1:-1]
    content = whole.encode("utf-8", "surrogatepass")
    for in_url in (quote(content, safe=""), quote(content, safe="/"), quote_plus(content)):
        yield in_url
        yield re.sub("%[0-9A-F]{2}", lambda code: code[0].lower(), in_url)
    for encoded in {content, text.encode("utf-8", "surrogatepass")}:
        yield from _base64_forms(encoded)
    lines = whole.splitlines()
    if len(lines) > 1:
        yield from (line.strip() for line in lines if len(line.strip()) >= SHORTEST_LINE and not _is_marker(line))


def _base64_forms(content: bytes) -> Iterator[str]:
    whole = base64.b64encode(content).decode("ascii")
    forms = [whole, whole.rstrip("=")]
    for before in range(3):
        # What stands around it in the encoded text decides the letters at its ends, and these alone.
        encoded = base64.b64encode(bytes(before) + content).decode("ascii")
        core = encoded[-(-8 * before // 6) : 8 * (before + len(content)) // 6]
        if len(core) >= _SHORTEST_CORE:
            forms.append(core)
    for columns in _COLUMNS:
        if len(whole) > columns:
            rows = (whole[at : at + columns] for at in range(0, len(whole), columns))
            forms += (row for row in rows if len(row) >= SHORTEST_LINE)
    for form in forms:
        yield form
        yield form.replace("+", "-").replace("/", "_")


def _is_everywhere(text: str) -> bool:
    return len(text) < SHORTEST or (len(text) <= LONGEST_WORD and text.isalpha() and text.islower())


def _is_marker(line: str) -> bool:
    return line.startswith("-----")
