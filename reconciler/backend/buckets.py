"""An object store as a store: S3, Google Cloud Storage, Azure Blob Storage, or memory, by `obstore`.

A write may be done and its answer lost: the client or we send it again, and the second one finds the
object that the first has made. So a conditional write that is refused looks whether what stands there
is what it wrote; contents that must be told apart hold something that no other writer writes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    GenericError,
    NotSupportedError,
    PreconditionError,
)

from reconciler import errors
from reconciler.backend.bucket_errors import is_bucket_missing, is_final, is_timeout, is_unconditional, translate
from reconciler.backend.stores import Entry, Found

if TYPE_CHECKING:
    from obstore import PutMode, PutResult, UpdateVersion
    from obstore.store import ObjectStore

T = TypeVar("T")

_ATTEMPTS: Final = 5
_FIRST_PAUSE_S: Final = 0.2
# What a request to one object of another version, or of none, is answered with.
_REFUSED: Final = (AlreadyExistsError, PreconditionError)
# Asking again would be answered the same; who cannot be reached was asked again by the client.
_SETTLED: Final = (
    errors.BucketNotFoundError,
    errors.BucketAccessError,
    errors.BucketRegionError,
    errors.BucketUnreachableError,
)


class BucketStore:
    """Keeps objects in a bucket.

    Args:
        url: the backend's, for messages.
        root: the URL of what the bucket's keys stand below.
        bucket: the client, its prefix set.
        pause: waits between two attempts, seconds.
    """

    def __init__(
        self, url: str, root: str, bucket: ObjectStore, *, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._url = url
        self._root = root
        self._bucket = bucket
        self._pause = pause

    def locate(self, key: str) -> str:
        return f"{self._root}/{key}"

    def find(self, key: str) -> Found | None:
        def get() -> Found | None:
            try:
                result = obstore.get(self._bucket, key)
            except FileNotFoundError as error:
                if is_bucket_missing(error):
                    raise
                return None
            meta = result.meta
            tag = _tag(meta["e_tag"], meta["version"])
            return Found(bytes(result.bytes()), tag, meta["last_modified"].timestamp())

        return self._ask(key, get)

    def entries(self, folder: str) -> tuple[Entry, ...]:
        found = self._ask(folder, lambda: obstore.list_with_delimiter(self._bucket, f"{folder}/" if folder else None))
        folders = [Entry(_name(path), is_folder=True) for path in found["common_prefixes"]]
        files = [
            Entry(_name(meta["path"]), modified_ns=int(meta["last_modified"].timestamp() * 1_000_000_000))
            for meta in found["objects"]
        ]
        return tuple(sorted((*folders, *files), key=lambda entry: entry.name))

    def keys(self, folder: str) -> tuple[str, ...]:
        listed = self._ask(folder, lambda: obstore.list(self._bucket, f"{folder}/" if folder else None).collect())
        return tuple(sorted(meta["path"] for meta in listed))

    def write(self, key: str, content: bytes) -> str:
        return _tag_of(self._ask(key, lambda: self._put(key, content, "overwrite")))

    def create(self, key: str, content: bytes) -> str | None:
        return self._write_once(key, content, "create")

    def replace(self, key: str, content: bytes, tag: str) -> str | None:
        e_tag, _, version = tag.partition("#")
        expected: UpdateVersion = {"e_tag": e_tag, "version": version} if version else {"e_tag": e_tag}
        return self._write_once(key, content, expected, tag)

    def remove(self, *keys: str) -> None:
        if not keys:
            return

        def delete() -> None:
            try:
                obstore.delete(self._bucket, keys[0] if len(keys) == 1 else list(keys))
            except FileNotFoundError as error:
                if is_bucket_missing(error):
                    raise
                # Some services answer so for one of many.
                for key in keys if len(keys) > 1 else ():
                    self.remove(key)

        self._ask(keys[0], delete)

    def _write_once(self, key: str, content: bytes, mode: PutMode, tag: str = "") -> str | None:
        """Write where `mode` lets it, and tell a refusal of our own earlier attempt from another writer's."""
        for attempt in range(_ATTEMPTS):
            try:
                return _tag_of(self._put(key, content, mode))
            except _REFUSED:
                found = self.find(key)
                return found.tag if found is not None and found.content == content else None
            except (GenericError, NotSupportedError) as error:
                if is_unconditional(error):
                    return self._write_after_a_look(key, content, tag)
                refused = translate(error, self._url, self.locate(key))
                if attempt == _ATTEMPTS - 1 or _is_settled(error, refused):
                    raise refused from error
                # It may have been done, or may be done yet.
                found = self.find(key)
                if found is not None and found.content == content:
                    return found.tag
                if (found.tag if found is not None else "") != tag:
                    return None
                self._pause(_FIRST_PAUSE_S * 2**attempt)
            except FileNotFoundError as error:
                if is_bucket_missing(error):
                    raise translate(error, self._url, self.locate(key)) from error
                # So some answer who wants to replace what is gone.
                return None
            except BaseError as error:
                raise translate(error, self._url, self.locate(key)) from error
        raise AssertionError("the last attempt raises or returns")

    def _write_after_a_look(self, key: str, content: bytes, tag: str) -> str | None:
        """What is left where the service knows no conditions: then only upstream's lock files part two writers."""
        found = self.find(key)
        if (found.tag if found is not None else "") != tag:
            return None
        return self.write(key, content)

    def _put(self, key: str, content: bytes, mode: PutMode) -> PutResult:
        return obstore.put(self._bucket, key, content, mode=mode, use_multipart=False)

    def _ask(self, key: str, request: Callable[[], T]) -> T:
        """Send what may be sent twice, again where the service stumbled."""
        for attempt in range(_ATTEMPTS):
            try:
                return request()
            except (BaseError, OSError, ValueError) as error:
                refused = translate(error, self._url, self.locate(key))
                if not isinstance(error, GenericError) or attempt == _ATTEMPTS - 1 or _is_settled(error, refused):
                    raise refused from error
                self._pause(_FIRST_PAUSE_S * 2**attempt)
        raise AssertionError("the last attempt raises or returns")


def _is_settled(error: BaseException, refused: errors.BackendError) -> bool:
    return is_final(error) or (isinstance(refused, _SETTLED) and not is_timeout(error))


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _tag(e_tag: str | None, version: str | None) -> str:
    return f"{e_tag or ''}#{version or ''}"


def _tag_of(result: PutResult) -> str:
    return _tag(result["e_tag"], result["version"])
