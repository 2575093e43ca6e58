"""What the stack files may say, and what happens when they say something else."""

import asyncio
import contextvars
import json
from pathlib import Path

import pulumi
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pulumi.runtime import config as runtime_config
from pulumi.runtime import settings as runtime_settings
from ruamel.yaml import YAML

from infra.identity import public_key_body
from infra.settings import read_settings

ROOT = Path(__file__).resolve().parents[2]


def read(stack, root=ROOT, changes=None):
    """Read a stack file's values as a program sees them, with some changed; None drops one."""
    values = YAML(typ="safe").load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]
    values |= {"snowflake:password": "", "flowforge:loaderPrivateKey": "PEM"} | (changes or {})
    texts = {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in values.items()
        if value is not None
    }

    async def run():
        runtime_settings.reset_options(project="flowforge", stack=stack, root_directory=str(root))
        runtime_config.set_all_config(texts, ["flowforge:loaderPrivateKey"])
        return read_settings()

    # In a context of its own, so that nothing stays in the SDK's settings; secrets need a running loop.
    return contextvars.copy_context().run(asyncio.run, run())


def test_the_dev_stack_points_every_client_at_the_sandbox():
    settings = read("dev")

    assert settings.prefix == "FLOWFORGE_DEV"
    assert settings.account == "FLOWFORGE-SANDBOX"
    assert settings.protect is False
    assert settings.worker_environment["AWS_ACCESS_KEY_ID"] == "sandbox"


def test_the_prod_stack_hands_no_credential_to_workers_and_protects_its_data():
    settings = read("prod")

    assert settings.worker_environment == {"AWS_REGION": "us-east-1"}
    assert settings.protect is True


def test_the_prod_stack_file_holds_no_credential():
    config = YAML(typ="safe").load((ROOT / "Pulumi.prod.yaml").read_text())["config"]

    assert not [key for key in config if key.rpartition(":")[2] in {"password", "secretKey", "apiKey", "privateKey"}]


def test_a_number_that_config_set_wrote_as_text_is_a_number():
    settings = read("dev", changes={"flowforge:warehouses": {"load": {"size": "SMALL", "autoSuspend": "90"}}})

    assert (settings.load.size, settings.load.auto_suspend_s) == ("SMALL", 90)


@pytest.mark.parametrize(
    ("key", "value", "named"),
    [
        pytest.param("flowforge:bucket", None, "flowforge:bucket", id="missing"),
        pytest.param("flowforge:warehouses", ["load"], "flowforge:warehouses", id="list-for-map"),
        pytest.param("flowforge:warehouses", {"load": {"autoSuspend": "soon"}}, "load.autoSuspend", id="not-a-number"),
        pytest.param("flowforge:network", {"cidr": "10.20.0.0/99"}, "flowforge:network.cidr", id="not-a-range"),
        pytest.param(
            "flowforge:network", {"cidr": "10.0.0.0/8", "privateLink": "maybe"}, "network.privateLink", id="not-a-flag"
        ),
        pytest.param("aws:endpoints", {"s3": "http://x"}, "aws:endpoints", id="map-for-list"),
        pytest.param("flowforge:warehouses", {"lode": {"size": "SMALL"}}, '"lode"', id="no-such-workload"),
        pytest.param(
            "flowforge:warehouses", {"load": {"siz": "SMALL"}}, "warehouses.load", id="misspelt-in-a-warehouse"
        ),
        pytest.param("flowforge:network", {"cidr": "10.0.0.0/8", "subnet": {}}, '"subnet"', id="misspelt-in-network"),
    ],
)
def test_a_wrong_setting_is_one_error_that_names_it(key, value, named):
    with pytest.raises(pulumi.RunError) as refused:
        read("dev", changes={key: value})

    assert named in str(refused.value)


def test_a_missing_key_file_says_what_to_do(tmp_path):
    with pytest.raises(pulumi.RunError) as refused:
        read("dev", root=tmp_path, changes={"flowforge:loaderPrivateKey": None})

    assert "make up" in str(refused.value)
    assert ".state/keys/loader.p8" in str(refused.value)


def test_a_broken_key_is_refused_without_being_shown():
    with pytest.raises(pulumi.RunError) as refused:
        public_key_body("-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----")

    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_the_public_half_is_one_line_of_base64():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())

    body = public_key_body(pem.decode())

    assert body.startswith("MIIBIjANBgkqhkiG9w0BAQ")
    assert "\n" not in body
