"""Opens the backend that a URL names, with upstream's switches from the environment.

Source: pulumi/pulumi sdk/go/common/env (`DIY_BACKEND_…` and their older spellings); facts/engine-contract.md §5.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from reconciler import errors
from reconciler.backend import leases
from reconciler.backend.compression import Compression
from reconciler.backend.folders import SCHEME, FolderStore, folder_of
from reconciler.backend.stacks import Backend
from reconciler.backend.stores import Store

# Upstream has renamed them twice, and takes all three.
_SPELLINGS: Final = ("PULUMI_DIY_BACKEND_", "PULUMI_SELF_MANAGED_STATE_", "PULUMI_")
LEASE: Final = "FLOWFORGE_LOCK_LEASE_SECONDS"


def open_backend(url: str, environment: Mapping[str, str]) -> Backend:
    """The backend of a URL.

    Raises:
        BackendError: the URL's scheme or parameters are not known, or the store cannot be used.
    """
    return Backend(
        open_store(url, environment),
        url=url,
        backs_up=not _is_on("DISABLE_CHECKPOINT_BACKUPS", environment),
        compression=_compression(environment),
        retains=_is_on("RETAIN_CHECKPOINTS", environment),
        terms=_terms(environment),
    )


def open_store(url: str, environment: Mapping[str, str]) -> Store:
    """What stands below `.pulumi` of the place that a URL names.

    Raises:
        BackendError: as `open_backend`.
    """
    if url.startswith(SCHEME):
        return FolderStore(folder_of(url) / ".pulumi")
    if "://" not in url or url.startswith(("http://", "https://")):
        raise errors.BackendError(
            f"{url!r} is no place for stacks; Pulumi Cloud is not in this version",
            hint="there are file://<folder>, s3://<bucket>, gs://<bucket> and azblob://<container>",
        )
    from reconciler.backend.bucket_urls import open_bucket  # Who keeps stacks in a folder need not pay for it.

    return open_bucket(url, environment)


def _compression(environment: Mapping[str, str]) -> Compression:
    gzip, zstd = _is_on("GZIP", environment), _is_on("ZSTD", environment)
    if gzip and zstd:
        raise errors.BackendError(
            "PULUMI_DIY_BACKEND_GZIP and PULUMI_DIY_BACKEND_ZSTD exclude each other", hint="set one of them"
        )
    return Compression.GZIP if gzip else Compression.ZSTD if zstd else Compression.NONE


def _terms(environment: Mapping[str, str]) -> leases.Terms:
    text = environment.get(LEASE, "")
    if not text:
        return leases.Terms()
    try:
        lease_s = float(text)
    except ValueError:
        lease_s = 0.0
    if not 0 < lease_s < float("inf"):
        raise errors.UsageError(f"{LEASE} is {text!r}", hint="write a number of seconds, such as 40")
    return leases.Terms(lease_s=lease_s, beat_s=lease_s / 4)


def _is_on(name: str, environment: Mapping[str, str]) -> bool:
    values = (environment.get(f"{spelling}{name}", "") for spelling in _SPELLINGS)
    return next((value for value in values if value), "").strip().lower() in ("1", "t", "true")
