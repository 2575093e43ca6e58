"""Makes the private key with which the loader signs in, once.

    python -m scripts.make_key FILE

An existing file is left as it is: a new key would be a change of the stack.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


def write_key(file: Path) -> bool:
    """Write a new key (RSA 2048, PKCS#8 PEM, readable by its owner only); False when the file exists."""
    if file.exists():
        return False
    pem = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    # Whole or not at all: a half-written key would be kept for ever.
    unfinished = file.with_suffix(f".{os.getpid()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(pem)
    unfinished.rename(file)
    return True


if __name__ == "__main__":
    if write_key(Path(sys.argv[1])):
        print(f"made {sys.argv[1]}")
