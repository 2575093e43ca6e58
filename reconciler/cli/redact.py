"""Which texts are secret, and how does a message look without them?

Values marked secret are masked where they are rendered. This is the second
net: a secret's text inside a message (an error of a service, what the program
printed) is found by value and replaced.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote

from reconciler.model.codec import Place
from reconciler.model.resources import Recorded
from reconciler.model.values import PropertyMap, Secret, Value, walk

MASK = "[secret]"
# Shorter texts are found everywhere: masking them would hide the message and name the secret by what is missing.
SHORTEST = 3
# A short word in small letters stands in ordinary sentences: masking it there would spoil the hint that holds it,
# and tell the secret by the gap. Where a value is marked secret it is masked all the same.
LONGEST_WORD = 8
# A line of a longer secret (a private key) is worth hiding alone when it is no everyday word.
SHORTEST_LINE = 12


class Redactor:
    """Replaces every secret text that it has learnt. One thread at a time."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._forms: set[str] = set()
        # Compiled when first needed: thousands of secrets may be learnt before anything is printed.
        self._pattern: re.Pattern[str] | None = None
        for text in texts:
            self.learn(text)

    def learn(self, text: str) -> None:
        """Hide this text from now on, in the spellings in which messages carry it."""
        if text not in self._forms and not _is_everywhere(text.strip()):
            self._forms.update(_forms(text))
            self._pattern = None

    def learn_values(self, properties: PropertyMap) -> None:
        """Learn what is inside the secrets of a property map."""
        for secret in _secrets(properties.values()):
            for text in _texts(secret.value):
                self.learn(text)

    def learn_resources(self, *resources: Recorded | None) -> None:
        """Learn what is inside the secrets of resources."""
        for resource in resources:
            if resource is not None:
                self.learn_values(resource.inputs)
                self.learn_values(resource.outputs)

    def mask(self, message: str) -> str:
        """The message with each secret text replaced.

        >>> Redactor(["hunter2"]).mask("login as x/hunter2 refused")
        'login as x/[secret] refused'
        """
        if not self._forms:
            return message
        if self._pattern is None:
            longest_first = sorted(self._forms, key=lambda form: (-len(form), form))
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))
        return self._pattern.sub(MASK, message)


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


def _secrets(items: Iterable[Value]) -> Iterator[Secret]:
    # Every value of every resource passes here, and nearly all of them are plain texts and numbers.
    for item in items:
        if isinstance(item, Secret):
            yield item
        elif isinstance(item, tuple):
            yield from _secrets(item)
        elif isinstance(item, Mapping):
            yield from _secrets(item.values())


def _texts(value: Value) -> Iterator[str]:
    for part in walk(value):
        if isinstance(part, str):
            yield part
        elif isinstance(part, (int, float)) and not isinstance(part, bool):
            yield str(part)


def _forms(text: str) -> Iterator[str]:
    whole = text.strip()
    yield text
    yield whole
    yield json.dumps(whole)[1:-1]
    yield json.dumps(whole, ensure_ascii=False)[1:-1]
    yield quote(whole, safe="")
    yield repr(whole)[1:-1]
    lines = whole.splitlines()
    if len(lines) > 1:
        yield from (line.strip() for line in lines if len(line.strip()) >= SHORTEST_LINE and not _is_marker(line))


def _is_everywhere(text: str) -> bool:
    return len(text) < SHORTEST or (len(text) <= LONGEST_WORD and text.isalpha() and text.islower())


def _is_marker(line: str) -> bool:
    return line.startswith("-----")
