"""The sandbox's key: made once, for its owner's eyes."""

import stat

from cryptography.hazmat.primitives import serialization

from scripts.make_key import write_key


def test_a_key_is_made_once_and_then_kept(tmp_path):
    file = tmp_path / "keys" / "loader.p8"

    first = write_key(file)
    content = file.read_bytes()
    second = write_key(file)

    assert (first, second) == (True, False)
    assert file.read_bytes() == content
    assert serialization.load_pem_private_key(content, password=None)


def test_nobody_else_can_read_it(tmp_path):
    file = tmp_path / "loader.p8"

    write_key(file)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]
