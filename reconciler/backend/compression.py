"""How a stack file is packed: as it is, gzip or Zstandard.

Written as the settings say, read by what the bytes are, as upstream does.

Source: pulumi/pulumi sdk/go/common/encoding `DetectCompression`; facts/engine-contract.md §5.3.
"""

from __future__ import annotations

import gzip
from enum import StrEnum
from typing import Final

from reconciler import errors


class Compression(StrEnum):
    """The ending of a packed file's name."""

    NONE = ""
    GZIP = ".gz"
    ZSTD = ".zst"


_GZIP_MAGIC: Final = b"\x1f\x8b"
_ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"


def compression_of(name: str) -> Compression:
    """What a file's name says of its content."""
    return next((one for one in (Compression.GZIP, Compression.ZSTD) if name.endswith(one)), Compression.NONE)


def pack(content: bytes, compression: Compression) -> bytes:
    """The bytes of a file; equal content gives equal bytes."""
    match compression:
        case Compression.GZIP:
            return gzip.compress(content, mtime=0)
        case Compression.ZSTD:
            import zstandard

            return zstandard.ZstdCompressor().compress(content)
        case Compression.NONE:
            return content


def unpack(content: bytes) -> bytes:
    """The content of a file.

    Raises:
        CheckpointFormatError: it is cut short or damaged.
    """
    if content.startswith(_GZIP_MAGIC):
        try:
            return gzip.decompress(content)
        except (OSError, EOFError) as error:
            raise errors.CheckpointFormatError(f"it is not gzip: {error}") from error
    if content.startswith(_ZSTD_MAGIC):
        import zstandard

        reader = zstandard.ZstdDecompressor().decompressobj()
        try:
            unpacked = reader.decompress(content)
        except zstandard.ZstdError as error:
            raise errors.CheckpointFormatError(f"it is not Zstandard: {error}") from error
        if not reader.eof:
            raise errors.CheckpointFormatError("it is not Zstandard: it is cut short")
        return unpacked
    return content
