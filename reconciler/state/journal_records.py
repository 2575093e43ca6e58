"""Journal entries to and from the lines of a journal file.

A line is `<digest> <JSON>`; the digest tells a line that was written whole from
one that a crash cut short or zero-filled. The first line names the checkpoint
that the entries belong to; a last one may name the checkpoint that they became.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, assert_never

from reconciler import errors
from reconciler.model import codec
from reconciler.state import journals
from reconciler.state.json_fields import array, find_object, string
from reconciler.state.resource_records import decode_pending, decode_resource, encode_pending, encode_resource

FORMAT: Final = 1
_DIGEST_BYTES: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Begins a journal. `base` is the hash of the checkpoint file that the run began with."""

    base: str
    operation: str = ""
    started: str = ""


@dataclass(frozen=True, slots=True)
class Closing:
    """Ends a journal: the run is over, and `result` is the hash of the checkpoint file that comes of it."""

    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalText:
    """What could be read of a journal.

    Attributes:
        header: None when not even that was written whole: then nothing had been called.
        findings: one sentence per part that was dropped.
        size_bytes: how far the whole records reach.
        lost: whole records that follow a damaged one; they could not be used.
    """

    header: Header | None
    entries: tuple[journals.Entry, ...] = ()
    closing: Closing | None = None
    findings: tuple[str, ...] = ()
    size_bytes: int = 0
    lost: int = 0


def hash_of(content: bytes) -> str:
    """How headers and closings name a checkpoint file."""
    return hashlib.sha256(content).hexdigest()


def render_header(header: Header) -> bytes:
    """The line of a header."""
    return _line({"journal": FORMAT, "base": header.base, "operation": header.operation, "started": header.started})


def render_closing(closing: Closing) -> bytes:
    """The line of a closing."""
    return _line({"closes": closing.result})


def render_entry(entry: journals.Entry, cipher: codec.Cipher | None) -> bytes:
    """The line of an entry, its secrets encrypted."""
    return _line(_encode(entry, cipher))


def parse_journal(content: bytes, cipher: codec.Cipher | None) -> JournalText:
    """Read a journal up to the first line that is not whole.

    Raises:
        StateError: a later version wrote it, or a whole line makes no sense.
        DecryptError: a secret cannot be decrypted.
    """
    lines, size_bytes = _whole_lines(content)
    # What follows the last newline was cut off, even where only the newline is missing: it is no sign of damage.
    lost = sum(_parse_line(line) is not None for line in content[size_bytes:].split(b"\n")[:-1])
    findings = _damage(len(lines), len(content) - size_bytes, lost)
    if not lines:
        return JournalText(header=None, findings=findings, lost=lost)
    first = lines[0]
    if first.get("journal") != FORMAT:
        raise errors.StateError(
            f"the journal has format {first.get('journal')!r}", hint="finish the run with the version that began it"
        )
    header = Header(base=string(first, "base"), operation=string(first, "operation"), started=string(first, "started"))
    # The last counts: who took over from a run that died after its own may have put another.
    closing = next((Closing(string(line, "closes")) for line in reversed(lines) if "closes" in line), None)
    entries = tuple(_decode(line, cipher) for line in lines[1:] if "closes" not in line)
    return JournalText(
        header=header, entries=entries, closing=closing, findings=findings, size_bytes=size_bytes, lost=lost
    )


def _line(data: Mapping[str, object]) -> bytes:
    content = codec.render_json(data).encode("utf-8")
    return _digest(content) + b" " + content + b"\n"


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES).hexdigest().encode("ascii")


def _whole_lines(content: bytes) -> tuple[list[dict[str, object]], int]:
    good: list[dict[str, object]] = []
    size_bytes = 0
    for line in content.split(b"\n")[:-1]:
        data = _parse_line(line)
        if data is None:
            break
        good.append(data)
        size_bytes += len(line) + 1
    return good, size_bytes


def _damage(records: int, dropped_bytes: int, lost: int) -> tuple[str, ...]:
    if not dropped_bytes:
        return ()
    finding = f"the journal was cut short after {records} record(s): dropped {dropped_bytes} byte(s)"
    return (f"{finding}, {lost} whole record(s) among them" if lost else finding,)


def _parse_line(line: bytes) -> dict[str, object] | None:
    digest, _, content = line.partition(b" ")
    if not content or digest != _digest(content):
        return None
    data = codec.parse_json(content)
    return data if isinstance(data, dict) else None


def _encode(entry: journals.Entry, cipher: codec.Cipher | None) -> dict[str, object]:
    data: dict[str, object] = {"entry": type(entry).__name__, "number": entry.number}
    match entry:
        case journals.Began():
            return data | {"operation": encode_pending(entry.operation, cipher)}
        case journals.Put():
            return data | {
                "resource": encode_resource(entry.resource, cipher),
                "forgets": _encode_places(entry.forgets),
                "retires": _encode_places(entry.retires),
                "ends": entry.ends,
            }
        case journals.Kept():
            return data | {"index": entry.index}
        case journals.Amended():
            (place,) = _encode_places((entry.place,))
            return data | {"place": place, "resource": encode_resource(entry.resource, cipher), "ends": entry.ends}
        case journals.Forgot():
            return data | {"forgets": _encode_places(entry.forgets), "ends": entry.ends}
        case journals.Failed():
            return data | {"ends": entry.ends}
        case journals.Together():
            return data | {"parts": [_encode(part, cipher) for part in entry.parts]}
        case _:
            assert_never(entry)


def _decode(data: Mapping[str, object], cipher: codec.Cipher | None) -> journals.Entry:
    number = _number(data, "number")
    match data.get("entry"):
        case "Began":
            return journals.Began(number, decode_pending(data.get("operation"), cipher))
        case "Put":
            return journals.Put(
                number,
                decode_resource(data.get("resource"), cipher),
                forgets=_decode_places(array(data, "forgets")),
                retires=_decode_places(array(data, "retires")),
                ends=_find_number(data, "ends"),
            )
        case "Kept":
            return journals.Kept(number, _number(data, "index"))
        case "Amended":
            (place,) = _decode_places((find_object(data, "place"),))
            resource = decode_resource(data.get("resource"), cipher)
            return journals.Amended(number, place, resource, ends=_find_number(data, "ends"))
        case "Forgot":
            return journals.Forgot(number, _decode_places(array(data, "forgets")), _find_number(data, "ends"))
        case "Failed":
            return journals.Failed(number, _number(data, "ends"))
        case "Together":
            return journals.Together(number, tuple(_decode_part(part, cipher) for part in array(data, "parts")))
        case other:
            raise errors.StateError(f"the journal has an entry {other!r}", hint="a later version wrote it")


def _decode_part(data: object, cipher: codec.Cipher | None) -> journals.Put | journals.Amended:
    part = _decode(data, cipher) if isinstance(data, dict) else None
    if not isinstance(part, (journals.Put, journals.Amended)):
        raise errors.StateError("the journal has a part that changes no resource")
    return part


def _encode_places(places: Sequence[journals.Place]) -> list[dict[str, object]]:
    return [{"old": place.index} if isinstance(place, journals.Old) else {"new": place.number} for place in places]


def _decode_places(places: Sequence[object]) -> tuple[journals.Place, ...]:
    return tuple(_decode_place(place) for place in places)


def _decode_place(place: object) -> journals.Place:
    if not isinstance(place, dict):
        raise errors.StateError("the journal has an entry without a place")
    if "old" in place:
        return journals.Old(_number(place, "old"))
    return journals.New(_number(place, "new"))


def _number(data: Mapping[str, object], key: str) -> int:
    number = _find_number(data, key)
    if number is None:
        raise errors.StateError(f"the journal has an entry without {key!r}")
    return number


def _find_number(data: Mapping[str, object], key: str) -> int | None:
    number = data.get(key)
    return number if isinstance(number, int) else None
