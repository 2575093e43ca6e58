"""How a stack file is packed: as it is, gzip or Zstandard.

Written as the settings say, read by what the bytes are, as upstream does.

Source: pulumi/pulumi sdk/go/common/encoding `DetectCompression`; facts/engine-contract.md §5.3.
"""

from __future__ import annotations

import gzip
import io
import zlib
from enum import StrEnum
from typing import Final

from reconciler import errors


class Compression(StrEnum):
    """The ending of a packed file's name."""

    NONE = ""
    GZIP = ".gz"
    ZSTD = ".zst"


# A state of 30,000 resources has 85 MB.
MOST_BYTES: Final = 2_000_000_000
_SIP_BYTES: Final = 1024
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


def unpack(content: bytes, *, most_bytes: int = MOST_BYTES) -> bytes:
    """The content of a file.

    Raises:
        CheckpointFormatError: it is cut short or damaged, or stands for more than `most_bytes`.
    """
    if content.startswith(_GZIP_MAGIC):
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
                unpacked = file.read(most_bytes + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise errors.CheckpointFormatError(f"it is not gzip: {error}") from error
        return _within(unpacked, most_bytes)
    if content.startswith(_ZSTD_MAGIC):
        import zstandard

        reader = zstandard.ZstdDecompressor().decompressobj()
        parts: list[bytes] = []
        size_bytes = at = 0
        try:
            # A little at a time: a few bytes may stand for more than a machine holds.
            while at < len(content) and not reader.eof and size_bytes <= most_bytes:
                parts.append(reader.decompress(content[at : at + _SIP_BYTES]))
                size_bytes += len(parts[-1])
                at += _SIP_BYTES
        except zstandard.ZstdError as error:
            raise errors.CheckpointFormatError(f"it is not Zstandard: {error}") from error
        unpacked = _within(b"".join(parts), most_bytes)
        if not reader.eof:
            raise errors.CheckpointFormatError("it is not Zstandard: it is cut short")
        return unpacked
    return content


def _within(unpacked: bytes, most_bytes: int) -> bytes:
    if len(unpacked) > most_bytes:
        raise errors.CheckpointFormatError(f"it unpacks to more than {most_bytes} bytes")
    return unpacked
