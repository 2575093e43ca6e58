"""The passphrase secrets manager against upstream's scheme."""

import pytest

from reconciler import errors
from reconciler.state import secrets
from tests.state.arbitrary import cipher

# Check values of facts/engine-contract.md §6.1.
PASSPHRASE = "opensesame"
SALT = "v1:AAECAwQFBgc=:v1:AAECAwQFBgcICQoL:kgnnlcYFS/Dkoq0dxFzyob4AA6pcOQ=="
CIPHERTEXT = "v1:DA0ODxAREhMUFRYX:2dr6Cpsk5uKEKcg6l6nsZ7pN0d58HUbKWQ=="


@pytest.mark.slow
def test_the_published_check_values_hold():
    manager = secrets.open_passphrase_secrets(PASSPHRASE, SALT)

    assert manager.decrypt(CIPHERTEXT) == '"hunter2"'
    assert secrets.salt_of(manager.state) == SALT
    assert manager.state == {"type": "passphrase", "state": {"salt": SALT}}
    assert manager.decrypt(manager.encrypt("é")) == "é"


@pytest.mark.slow
def test_a_wrong_passphrase_is_told_apart_from_damage():
    with pytest.raises(errors.PassphraseError) as caught:
        secrets.open_passphrase_secrets("close sesame", SALT)

    assert "PULUMI_CONFIG_PASSPHRASE" in caught.value.hint


@pytest.mark.slow
def test_a_new_manager_with_an_empty_passphrase_opens_again_from_its_state():
    made = secrets.new_passphrase_secrets("")

    opened = secrets.open_passphrase_secrets("", secrets.salt_of(made.state))

    assert opened.decrypt(made.encrypt("a")) == "a"


@pytest.mark.slow
def test_a_proof_of_another_text_is_a_wrong_passphrase():
    manager = secrets.open_passphrase_secrets(PASSPHRASE, SALT)

    with pytest.raises(errors.PassphraseError):
        secrets.open_passphrase_secrets(PASSPHRASE, f"v1:AAECAwQFBgc=:{manager.encrypt('something')}")


@pytest.mark.parametrize("salt", ["", "v1", "v1:AAECAwQFBgc=", "v2:AAECAwQFBgc=:v1:a:b", "v1:%:v1:a:b", "v1::v1:a:b"])
def test_a_malformed_salt_is_refused_before_anything_is_derived(salt):
    with pytest.raises(errors.StateError):
        secrets.open_passphrase_secrets(PASSPHRASE, salt)


@pytest.mark.parametrize("text", ["", "v1:a", "v2:AAAA:AAAA", "v1:%:AAAA", "v1:AAAA:%", CIPHERTEXT])
def test_a_ciphertext_that_is_damaged_or_foreign_is_refused(text):
    with pytest.raises(errors.DecryptError):
        cipher().decrypt(text)


def test_the_same_text_at_the_same_place_keeps_its_ciphertext():
    manager = cipher()
    first = manager.encrypt("a", ("urn", "inputs"))

    assert manager.encrypt("a", ("urn", "inputs")) == first
    assert manager.encrypt("a", ("urn", "outputs")) != first
    assert manager.encrypt("b", ("urn", "inputs")) != first
    assert manager.encrypt("a") != manager.encrypt("a"), "no place, no reuse"


def test_a_ciphertext_that_was_read_is_written_again():
    manager = cipher()

    manager.remember("a", ("urn",), "v1:old:one")
    manager.remember("a", (), "v1:never:used")

    assert manager.encrypt("a", ("urn",)) == "v1:old:one"
    assert manager.encrypt("a") != "v1:never:used"


def test_without_a_manager_no_secret_is_written_or_read():
    none = secrets.NoSecrets()

    none.remember("a", ("urn",), "b")

    assert none.state is None
    with pytest.raises(errors.StateError) as caught:
        none.encrypt("hush", ("urn",))
    assert "hush" not in str(caught.value)
    with pytest.raises(errors.DecryptError):
        none.decrypt(CIPHERTEXT)
