"""Stacks in a folder, laid out as upstream's self-managed backend does it.

Beside upstream's files there is `journals/<project>/<stack>.journal` while a run
is under way, and after one died. `load` replays it; `operations` writes it.

Source: facts/engine-contract.md §5.3.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from reconciler import errors
from reconciler.backend import locks, recovery
from reconciler.backend.disk import Disk
from reconciler.backend.history import UpdateRecord, append_record, read_checkpoints, read_records
from reconciler.backend.journal_files import JournalFile
from reconciler.backend.references import ORGANIZATION, StackReference
from reconciler.model import codec
from reconciler.state import integrity, journal_records, journals
from reconciler.state.checkpoints import Checkpoint, decode_snapshot, read_checkpoint, render_checkpoint
from reconciler.state.secrets import NoSecrets, SecretsManager
from reconciler.state.snapshots import Snapshot

SCHEME: Final = "file://"
_LAYOUT: Final = b"version: 1\n"
# A reader without a lock may meet a run that just ends; then what it read does not fit together.
_READ_ATTEMPTS: Final = 3


@dataclass(frozen=True, slots=True)
class Stored:
    """A stack file as it stands. `hash` names its content in journals."""

    content: bytes
    checkpoint: Checkpoint
    hash: str


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
    """Stacks of all projects below one folder.

    Args:
        url: `file://<folder>`, `file://~`.
        disk: writes below `<folder>/.pulumi`; a test may hand in one that fails.
        now_ns: the time since 1970.
        backs_up: copy a stack file before each run.
        compresses: write `.json.gz`.
    """

    def __init__(
        self,
        url: str,
        *,
        disk: Callable[[Path], Disk] = Disk,
        now_ns: Callable[[], int] = time.time_ns,
        backs_up: bool = True,
        compresses: bool = False,
    ) -> None:
        self.url = url
        self.root = folder_of(url) / ".pulumi"
        self.disk = disk(self.root)
        self.now_ns = now_ns
        self._backs_up = backs_up
        self._compresses = compresses
        self._refuse_other_layouts()

    # Stacks

    def stacks(self, project: str | None = None) -> tuple[StackReference, ...]:
        """All stacks, of one project or of all, by name."""
        projects = self.disk.names(self.root / "stacks") if project is None else (project,)
        found = {
            StackReference(name, file.removesuffix(".gz").removesuffix(".json"))
            for name in projects
            for file in self.disk.names(self.root / "stacks" / name)
            if file.endswith((".json", ".json.gz"))
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
        self.disk.make_folder(self.root)
        if self.disk.read(self.root / "meta.yaml") is None:
            self.disk.write(self.root / "meta.yaml", _LAYOUT)
        with self.lock(stack):
            if self.has_stack(stack):
                raise errors.StackExistsError(str(stack))
            checkpoint = Checkpoint(stack=str(stack), secrets_provider=secrets_provider)
            snapshot = Snapshot() if secrets_provider is not None else None
            self._write(stack, render_checkpoint(checkpoint, snapshot, NoSecrets(), time=self.timestamp()).encode())

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
            if self.disk.read(self.journal_path(stack)) is not None and not force:
                raise errors.BackendError(
                    f"a run of '{stack.stack}' died; what it made may not be in its state yet",
                    hint="run `pulumi refresh` first, or use --force",
                )
            self._remove_files(stack, stored, remove_backups=remove_backups)

    # State

    def read(self, stack: StackReference) -> Stored:
        """A stack's file, form checked, nothing decrypted.

        Raises:
            StackNotFoundError: there is none.
            CheckpointFormatError: it is not a checkpoint; the detail names the file.
        """
        path = self._find_file(stack)
        content = self.disk.read(path) if path is not None else None
        if path is None or content is None:
            raise errors.StackNotFoundError(stack.stack, hint=f"`pulumi stack init {stack.stack}` makes it")
        try:
            content = _decompress(path, content)
            return Stored(content, read_checkpoint(content), journal_records.hash_of(content))
        except errors.CheckpointFormatError as error:
            raise errors.CheckpointFormatError(f"{path}: {error.detail}", hint=error.hint) from error

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
            content = self.disk.read(self.journal_path(stack))
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

    def replace_file(self, stack: StackReference, stored: Stored, content: bytes) -> None:
        """Write a stack file, its previous content to `.bak` first."""
        path = self._file(stack)
        self.disk.write(path.with_name(f"{path.name}.bak"), _compress(path, stored.content))
        self._write(stack, content)

    def back_up(self, stack: StackReference, stored: Stored) -> None:
        """Copy a stack file to the backups, unless that is turned off."""
        if self._backs_up:
            folder = self._folder("backups", stack) / stack.stack
            self.disk.write(folder / f"{stack.stack}.{self.now_ns()}.json", stored.content)

    # Journals

    def journal_path(self, stack: StackReference) -> Path:
        """Where the journal of a run stands."""
        return self._folder("journals", stack) / f"{stack.stack}.journal"

    def open_journal(
        self, stack: StackReference, base: Stored, secrets: SecretsManager | None, kind: str
    ) -> JournalFile:
        """Begin a journal on a checkpoint. There must be none."""
        header = journal_records.Header(base=base.hash, operation=kind, started=self.timestamp())
        return JournalFile(self.disk, self.journal_path(stack), header, secrets or NoSecrets())

    # Locks

    @contextmanager
    def lock(self, stack: StackReference) -> Iterator[tuple[str, ...]]:
        """Hold a stack's lock; gives findings about dead locks that were taken over.

        Raises:
            StackLockedError: somebody else holds it.
        """
        self.disk.make_folder(self.root)
        lock = locks.acquire(self.disk, self._lock_folder(stack), timestamp=self.timestamp())
        try:
            yield lock.findings
        finally:
            locks.release(self.disk, lock)

    def lock_holders(self, stack: StackReference) -> tuple[str, ...]:
        """A line per lock."""
        return locks.holders(self.disk, self._lock_folder(stack))

    def remove_locks(self, stack: StackReference) -> int:
        """Remove all locks of a stack (`pulumi cancel`); how many there were."""
        return locks.remove_all(self.disk, self._lock_folder(stack))

    # History and tags

    def history(self, stack: StackReference) -> tuple[Mapping[str, object], ...]:
        """Records of finished runs as their files hold them, newest first."""
        return read_records(self.disk, self._folder("history", stack) / stack.stack)

    def append_history(self, stack: StackReference, record: UpdateRecord, content: bytes) -> None:
        """Write a record and the stack file's content that the run led to."""
        append_record(self.disk, self._folder("history", stack) / stack.stack, stack, record, content, self.now_ns())

    def version(self, stack: StackReference, number: int) -> Stored:
        """The state that a finished run led to; 1 is the first run of the history.

        Raises:
            BackendError: there is no such version, or its state was not kept.
            CheckpointFormatError: what was kept is not a checkpoint.
        """
        paths = read_checkpoints(self.disk, self._folder("history", stack) / stack.stack)
        content = self.disk.read(paths[number - 1]) if 0 < number <= len(paths) else None
        if content is None:
            raise errors.BackendError(
                f"'{stack.stack}' has no version {number}", hint="`pulumi stack history` lists its versions"
            )
        try:
            content = _decompress(paths[number - 1], content)
            return Stored(content, read_checkpoint(content), journal_records.hash_of(content))
        except errors.CheckpointFormatError as error:
            raise errors.CheckpointFormatError(f"{paths[number - 1]}: {error.detail}", hint=error.hint) from error

    def tags(self, stack: StackReference) -> Mapping[str, str]:
        """A stack's tags."""
        content = self.disk.read(self._tags_path(stack))
        data = codec.parse_json(content) if content else {}
        tags = data.get("tags") if isinstance(data, dict) else None
        return {str(key): str(value) for key, value in tags.items()} if isinstance(tags, dict) else {}

    def write_tags(self, stack: StackReference, tags: Mapping[str, str]) -> None:
        """Replace a stack's tags."""
        text = codec.render_json({"version": 1, "tags": dict(sorted(tags.items()))})
        self.disk.write(self._tags_path(stack), text.encode())

    def timestamp(self) -> str:
        """Now, as manifests and locks spell it: RFC 3339 in UTC with nanoseconds."""
        seconds, nanoseconds = divmod(self.now_ns(), 1_000_000_000)
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{nanoseconds:09d}Z"

    def _refuse_other_layouts(self) -> None:
        layout = self.disk.read(self.root / "meta.yaml")
        if layout is None:
            if any(name.endswith((".json", ".json.gz")) for name in self.disk.names(self.root / "stacks")):
                raise errors.BackendError(
                    f"{self.root} has the old layout, in which stacks have no project",
                    hint="`pulumi state upgrade` of the official CLI moves them",
                )
        elif layout.split() != _LAYOUT.split():
            raise errors.BackendError(f"{self.root}/meta.yaml names a layout that is not known: {layout.decode()!r}")

    def _remove_files(self, stack: StackReference, stored: Stored, *, remove_backups: bool) -> None:
        path = self._file(stack)
        backup = path.with_name(f"{path.name}.bak")
        if not remove_backups:
            self.disk.write(backup, _compress(path, stored.content))
        folders = [self._folder("history", stack) / stack.stack]
        files = [self._tags_path(stack), *self._variants(stack), self.journal_path(stack)]
        if remove_backups:
            folders.append(self._folder("backups", stack) / stack.stack)
            files.append(backup)
        for folder in folders:
            files.extend(folder / name for name in self.disk.names(folder))
        for file in files:
            self.disk.remove(file)

    def _write(self, stack: StackReference, content: bytes) -> None:
        path = self._file(stack)
        self.disk.write(path, _compress(path, content))
        for other in self._variants(stack):
            if other != path:
                self.disk.remove(other)

    def _find_file(self, stack: StackReference) -> Path | None:
        there = [path for path in self._variants(stack) if path.exists()]
        # The newest wins; of two equally old ones, the plain one.
        return max(there, key=lambda path: path.stat().st_mtime_ns) if there else None

    def _variants(self, stack: StackReference) -> tuple[Path, Path]:
        folder = self._folder("stacks", stack)
        return folder / f"{stack.stack}.json", folder / f"{stack.stack}.json.gz"

    def _file(self, stack: StackReference) -> Path:
        return self._variants(stack)[int(self._compresses)]

    def _tags_path(self, stack: StackReference) -> Path:
        return self._folder("stacks", stack) / f"{stack.stack}.pulumi-tags"

    def _lock_folder(self, stack: StackReference) -> Path:
        return self.root / "locks" / ORGANIZATION / stack.project / stack.stack

    def _folder(self, area: str, stack: StackReference) -> Path:
        return self.root / area / stack.project


def open_backend(url: str, environment: Mapping[str, str]) -> Backend:
    """The backend of a URL, with upstream's switches from the environment.

    Raises:
        BackendError: there is no such folder layout, or the URL has another scheme.
    """
    return Backend(
        url,
        backs_up=not is_true(environment.get("PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS", "")),
        compresses=is_true(environment.get("PULUMI_DIY_BACKEND_GZIP", "")),
    )


def folder_of(url: str) -> Path:
    """The folder that a `file://` URL names; `~` is the home, a path without `/` is relative.

    Raises:
        BackendError: another scheme.
    """
    if not url.startswith(SCHEME):
        raise errors.BackendError(f"{url!r} is not a file:// URL", hint="`pulumi login file://~` keeps stacks at home")
    path = unquote(url[len(SCHEME) :].partition("?")[0])
    return Path(path or ".").expanduser().absolute()


def is_true(text: str) -> bool:
    """Does a switch of the environment say yes?"""
    return text.strip().lower() in ("1", "t", "true")


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


def _compress(path: Path, content: bytes) -> bytes:
    return gzip.compress(content, mtime=0) if path.suffix == ".gz" else content


def _decompress(path: Path, content: bytes) -> bytes:
    if path.suffix != ".gz":
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError) as error:
        raise errors.CheckpointFormatError(f"it is not gzip: {error}") from error
