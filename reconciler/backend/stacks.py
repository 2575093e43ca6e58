"""Stacks in a store, laid out as upstream's self-managed backend does it.

Beside upstream's files there are a journal (`run_journals`) while a run is under way, and after one died:
`load` replays it, `operations` writes it; and each stack's lease (`leases`).

Source: facts/engine-contract.md §5.3.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from reconciler import errors
from reconciler.backend import leases, locks, recovery
from reconciler.backend.compression import Compression, compression_of, pack, unpack
from reconciler.backend.folders import FolderStore
from reconciler.backend.history import UpdateRecord, append_record, find_checkpoint, history_folder, read_records
from reconciler.backend.journal_files import FileJournals
from reconciler.backend.journal_objects import ObjectJournals
from reconciler.backend.references import StackReference
from reconciler.backend.run_journals import Guard, Journals, RunJournal
from reconciler.backend.stores import Found, Store, names, read
from reconciler.model import codec
from reconciler.state import integrity, journal_records, journals
from reconciler.state.checkpoints import Checkpoint, decode_snapshot, read_checkpoint, render_checkpoint
from reconciler.state.secrets import NoSecrets, SecretsManager
from reconciler.state.snapshots import Snapshot

_LAYOUT: Final = b"version: 1\n"
# A reader without a lock may meet a run that just ends; then what it read does not fit together.
_READ_ATTEMPTS: Final = 3
_ENDINGS: Final = tuple(f".json{compression}" for compression in Compression)


@dataclass(frozen=True, slots=True)
class Stored:
    """A stack file as it stands, unpacked.

    Attributes:
        hash: names its content in journals.
        key, tag: where it stands, and which version of it was read.
    """

    content: bytes
    checkpoint: Checkpoint
    hash: str
    key: str
    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A stack's state: its file, with what a run that died had done since.

    Attributes:
        left: the journal that was found beside the file.
        findings: what a person should be told.
    """

    snapshot: Snapshot
    stored: Stored
    left: recovery.Left | None = None
    findings: tuple[str, ...] = ()


class Backend:
    """Stacks of all projects of one store.

    Args:
        store: what stands below `.pulumi`.
        url: as the person gave it.
        now_ns: the time since 1970.
        backs_up: copy a stack file before each run.
        compression: how stack files are written.
        retains: keep a copy of each version of a stack file.
        terms, clock: of leases.

    Attributes:
        patience: how long to wait for locks.
    """

    def __init__(
        self,
        store: Store,
        *,
        url: str = "",
        now_ns: Callable[[], int] = time.time_ns,
        backs_up: bool = True,
        compression: Compression = Compression.NONE,
        retains: bool = False,
        terms: leases.Terms | None = None,
        clock: leases.Clock | None = None,
    ) -> None:
        self.url = url
        self.store = store
        self.now_ns = now_ns
        self.patience = locks.Patience()
        # A file can be appended to; an object is written once.
        self.journals: Journals = FileJournals(store) if isinstance(store, FolderStore) else ObjectJournals(store)
        self._backs_up = backs_up
        self._compression = compression
        self._retains = retains
        self._terms = terms or leases.Terms()
        self._clock = clock or leases.Clock()
        self._refuse_other_layouts()

    def locate(self, stack: StackReference) -> str:
        """The URL of a stack's file."""
        return self.store.locate(self._file(stack))

    # Stacks

    def stacks(self, project: str | None = None) -> tuple[StackReference, ...]:
        """All stacks, of one project or of all, by name."""
        folders = [entry.name for entry in self.store.entries("stacks") if entry.is_folder]
        found = {
            StackReference(name, file.removesuffix(compression_of(file)).removesuffix(".json"))
            for name in (folders if project is None else (project,))
            for file in names(self.store, f"stacks/{name}")
            if file.endswith(_ENDINGS)
        }
        return tuple(sorted(found, key=str))

    def has_stack(self, stack: StackReference) -> bool:
        """Is there a file of it?"""
        return self._find_file(stack) is not None

    def create_stack(self, stack: StackReference, secrets_provider: Mapping[str, object] | None = None) -> None:
        """Write an empty stack.

        Raises:
            StackExistsError: there is one.
            StackLockedError: somebody is just making it.
        """
        self.store.create("meta.yaml", _LAYOUT)
        with self.lock(stack):
            if self.has_stack(stack):
                raise errors.StackExistsError(str(stack))
            checkpoint = Checkpoint(stack=str(stack), secrets_provider=secrets_provider)
            snapshot = Snapshot() if secrets_provider is not None else None
            content = render_checkpoint(checkpoint, snapshot, NoSecrets(), time=self.timestamp()).encode()
            self._write(stack, content, tag="")

    def remove_stack(self, stack: StackReference, *, force: bool = False, remove_backups: bool = False) -> None:
        """Remove a stack; its file is kept as `.bak` unless `remove_backups`.

        Raises:
            StackNotFoundError: there is none.
            BackendError: it has resources, or a run of it died, and `force` is not given.
        """
        with self.lock(stack):
            stored = self.read(stack)
            resources = (stored.checkpoint.deployment or {}).get("resources")
            if resources and not force:
                raise errors.BackendError(
                    f"'{stack.stack}' still has resources; removal rejected", hint="destroy them first, or use --force"
                )
            if self.journals.find(stack) is not None and not force:
                raise errors.BackendError(
                    f"a run of '{stack.stack}' died; what it made may not be in its state yet",
                    hint="run `pulumi refresh` first, or use --force",
                )
            self._remove_files(stack, stored, remove_backups=remove_backups)

    def forget_stack(self, stack: StackReference, stored: Stored) -> None:
        """Remove what there is of a stack whose lock is held; its file is kept as `.bak`."""
        self._remove_files(stack, stored, remove_backups=False)

    # State

    def read(self, stack: StackReference) -> Stored:
        """A stack's file, form checked, nothing decrypted.

        Raises:
            StackNotFoundError: there is none.
            CheckpointFormatError: it is not a checkpoint; the detail names the file.
        """
        key = self._find_file(stack)
        found = self.store.find(key) if key is not None else None
        if key is None or found is None:
            raise errors.StackNotFoundError(stack.stack, hint=f"`pulumi stack init {stack.stack}` makes it")
        return self._parse(key, found)

    def load(
        self, stack: StackReference, secrets: SecretsManager | None = None, *, check_integrity: bool = True
    ) -> Loaded:
        """A stack's state, with the journal of a run that died replayed on it. Changes nothing, needs no lock.

        Raises:
            StackNotFoundError: there is no such stack.
            CheckpointFormatError: its file is not a checkpoint.
            SnapshotIntegrityError: the state breaks its own rules.
            DecryptError: a secret cannot be decrypted.
        """
        cipher = secrets or NoSecrets()
        for attempt in range(_READ_ATTEMPTS):
            stored = self.read(stack)
            content = self.journals.find(stack)
            left = recovery.judge(content, stored.hash, cipher) if content is not None else None
            if left is None or left.use is not recovery.Use.SET_ASIDE or attempt == _READ_ATTEMPTS - 1:
                break
        snapshot = decode_snapshot(stored.checkpoint, cipher)
        if left is not None and left.use is recovery.Use.REPLAY:
            snapshot = journals.replay(snapshot, left.text.entries)
        if check_integrity:
            verify(snapshot)
        return Loaded(snapshot=snapshot, stored=stored, left=left, findings=left.findings if left else ())

    def render(self, stored: Stored, snapshot: Snapshot, secrets: SecretsManager | None) -> bytes:
        """The content of a stack file; the stored one where nothing but the time or the resources' order would differ.

        A run that failed halfway has written what it saw first before the rest: that alone is no change.
        """
        cipher = secrets or NoSecrets()
        provider = cipher.state or stored.checkpoint.secrets_provider
        checkpoint = replace(stored.checkpoint, secrets_provider=provider)
        manifest = (stored.checkpoint.deployment or {}).get("manifest")
        if isinstance(manifest, Mapping):
            time, version = str(manifest.get("time", "")), str(manifest.get("version", ""))
            unchanged = render_checkpoint(checkpoint, snapshot, cipher, time=time, version=version).encode()
            if unchanged == stored.content or _is_reordered(unchanged, stored.content):
                return stored.content
        return render_checkpoint(checkpoint, snapshot, cipher, time=self.timestamp()).encode()

    def save(self, stack: StackReference, snapshot: Snapshot, secrets: SecretsManager | None = None) -> bool:
        """Write a stack's state, keeping the previous content as `.bak`; True when there was a change to write.

        For edits under `lock`; runs that call providers go through `operations`.

        Raises:
            SnapshotIntegrityError: after writing, when the state breaks its own rules.
        """
        stored = self.read(stack)
        content = self.render(stored, snapshot, secrets)
        if content != stored.content:
            self.replace_file(stack, stored, content)
        verify(snapshot)
        return content != stored.content

    def replace_file(self, stack: StackReference, stored: Stored, content: bytes) -> Stored:
        """Write a stack file over the one that was read, its previous content to `.bak` first; as it then stands.

        Raises:
            LockLostError: it is not the one that was read any more.
        """
        key = self._file(stack)
        self.store.write(f"{stored.key}.bak", pack(stored.content, compression_of(stored.key)))
        tag = self._write(stack, content, tag=stored.tag if key == stored.key else "")
        if key != stored.key:
            self.store.remove(stored.key)
        return _stored(content, key, tag)

    def back_up(self, stack: StackReference, stored: Stored) -> None:
        """Copy a stack file to the backups, unless that is turned off."""
        if self._backs_up:
            ending = compression_of(stored.key)
            key = f"{_backup_folder(stack)}/{stack.stack}.{self.now_ns()}.json{ending}"
            self.store.write(key, pack(stored.content, ending))

    # Journals

    def open_journal(
        self,
        stack: StackReference,
        base: Stored,
        secrets: SecretsManager | None,
        kind: str,
        guard: Guard | None = None,
    ) -> RunJournal:
        """Begin a journal on a checkpoint. There must be none."""
        header = journal_records.Header(base=base.hash, operation=kind, started=self.timestamp())
        return self.journals.open(stack, header, secrets or NoSecrets(), guard)

    # Locks

    @contextmanager
    def lock(self, stack: StackReference) -> Iterator[locks.Lock]:
        """Hold a stack's lock; its findings say which dead locks were taken over.

        Raises:
            StackLockedError: somebody else holds it, for longer than `patience`.
        """
        lock = locks.acquire(self._lock_place(stack), self.patience)
        try:
            yield lock
        finally:
            lock.release()

    def lock_holders(self, stack: StackReference) -> tuple[str, ...]:
        """A line per lock."""
        return locks.holders(self._lock_place(stack))

    def remove_locks(self, stack: StackReference) -> int:
        """Remove all locks of a stack (`pulumi cancel`); how many there were. A run that held one writes no more."""
        return locks.remove_all(self._lock_place(stack))

    # History and tags

    def history(self, stack: StackReference, most: int | None = None) -> tuple[Mapping[str, object], ...]:
        """Records of finished runs as their files hold them, newest first; `most` None for all."""
        return read_records(self.store, stack, most)

    def append_history(self, stack: StackReference, record: UpdateRecord, content: bytes) -> None:
        """Write a record and the stack file's content that the run led to."""
        append_record(self.store, stack, record, content, self.now_ns(), self._compression)

    def version(self, stack: StackReference, number: int) -> Stored:
        """The state that a finished run led to; 1 is the first run of the history.

        Raises:
            BackendError: there is no such version, or its state was not kept.
            CheckpointFormatError: what was kept is not a checkpoint.
        """
        key = find_checkpoint(self.store, stack, number)
        found = self.store.find(key) if key is not None else None
        if key is None or found is None:
            raise errors.BackendError(
                f"'{stack.stack}' has no version {number}", hint="`pulumi stack history` lists its versions"
            )
        return self._parse(key, found)

    def tags(self, stack: StackReference) -> Mapping[str, str]:
        """A stack's tags."""
        content = read(self.store, _tags_key(stack))
        data = codec.parse_json(content) if content else {}
        tags = data.get("tags") if isinstance(data, dict) else None
        return {str(key): str(value) for key, value in tags.items()} if isinstance(tags, dict) else {}

    def write_tags(self, stack: StackReference, tags: Mapping[str, str]) -> None:
        """Replace a stack's tags."""
        text = codec.render_json({"version": 1, "tags": dict(sorted(tags.items()))})
        self.store.write(_tags_key(stack), text.encode())

    def timestamp(self) -> str:
        """Now, as manifests and locks spell it: RFC 3339 in UTC with nanoseconds."""
        seconds, nanoseconds = divmod(self.now_ns(), 1_000_000_000)
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{nanoseconds:09d}Z"

    def _parse(self, key: str, found: Found) -> Stored:
        try:
            return _stored(unpack(found.content), key, found.tag)
        except errors.CheckpointFormatError as error:
            raise errors.CheckpointFormatError(f"{self.store.locate(key)}: {error.detail}", hint=error.hint) from error

    def _refuse_other_layouts(self) -> None:
        layout = read(self.store, "meta.yaml")
        if layout is None:
            if any(name.endswith(_ENDINGS) for name in names(self.store, "stacks")):
                raise errors.BackendError(
                    f"{self.store.locate('stacks')} has the old layout, in which stacks have no project",
                    hint="`pulumi state upgrade` moves them below their projects",
                )
        elif layout.split() != _LAYOUT.split():
            raise errors.BackendError(
                f"{self.store.locate('meta.yaml')} names a layout that is not known: {layout.decode()!r}"
            )

    def _remove_files(self, stack: StackReference, stored: Stored, *, remove_backups: bool) -> None:
        folders = [history_folder(stack)]
        keys = [_tags_key(stack), *_variants(stack)]
        if remove_backups:
            folders.append(_backup_folder(stack))
            keys.extend(f"{key}.bak" for key in _variants(stack))
        else:
            self.store.write(f"{stored.key}.bak", pack(stored.content, compression_of(stored.key)))
        for folder in folders:
            keys.extend(f"{folder}/{name}" for name in names(self.store, folder))
        self.store.remove(*keys)
        self.journals.remove(stack)

    def _write(self, stack: StackReference, content: bytes, *, tag: str) -> str:
        """Write over the version of that tag, "" where there is none; the new one's."""
        key, packed = self._file(stack), pack(content, self._compression)
        written = self.store.replace(key, packed, tag) if tag else self.store.create(key, packed)
        if written is None:
            raise errors.LockLostError(
                f"{self.store.locate(key)} was written by another since it was read, and was left as it is",
                hint="run the command again; what this one began stands in its journal",
            )
        if self._retains:
            self.store.write(f"{key}.{self.now_ns()}", packed)
        return written

    def _find_file(self, stack: StackReference) -> str | None:
        variants = _variants(stack)
        modified = {
            f"{_stack_folder(stack)}/{entry.name}": entry.modified_ns
            for entry in self.store.entries(_stack_folder(stack))
            if not entry.is_folder
        }
        there = [key for key in variants if key in modified]
        # The newest wins; of two equally old ones, the plain one.
        return max(there, key=lambda key: modified[key]) if there else None

    def _file(self, stack: StackReference) -> str:
        return f"{_stack_folder(stack)}/{stack.stack}.json{self._compression}"

    def _lock_place(self, stack: StackReference) -> locks.Place:
        return locks.Place(store=self.store, stack=stack, now=self.timestamp, terms=self._terms, clock=self._clock)


def _stored(content: bytes, key: str, tag: str) -> Stored:
    return Stored(content, read_checkpoint(content), journal_records.hash_of(content), key, tag)


def _variants(stack: StackReference) -> tuple[str, ...]:
    return tuple(f"{_stack_folder(stack)}/{stack.stack}.json{compression}" for compression in Compression)


def _stack_folder(stack: StackReference) -> str:
    return f"stacks/{stack.project}"


def _backup_folder(stack: StackReference) -> str:
    return f"backups/{stack.project}/{stack.stack}"


def _tags_key(stack: StackReference) -> str:
    return f"{_stack_folder(stack)}/{stack.stack}.pulumi-tags"


def verify(snapshot: Snapshot) -> None:
    """Raise SnapshotIntegrityError when a snapshot breaks its own rules."""
    findings = integrity.violations(snapshot)
    if findings:
        raise errors.SnapshotIntegrityError(
            findings,
            hint="`pulumi state repair` or the copy that ends in .bak; --disable-integrity-checking skips this",
        )


def _is_reordered(content: bytes, stored: bytes) -> bool:
    """Do two stack files hold the same resources, in another order?"""
    return len(content) == len(stored) and _by_resource(content) == _by_resource(stored)


def _by_resource(content: bytes) -> object:
    data = json.loads(content)
    # A stack that was never deployed has none.
    data["checkpoint"]["latest"].get("resources", []).sort(key=codec.render_json)
    return data
