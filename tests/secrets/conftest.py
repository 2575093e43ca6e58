"""Key services on this machine."""

import boto3
import pytest
from moto import mock_aws

from tests.secrets.clouds import Serving


@pytest.fixture(scope="module")
def _cloud():
    with Serving() as cloud:
        yield cloud


@pytest.fixture
def cloud(_cloud):
    """Google, Azure and Vault."""
    _cloud.busy = 0
    _cloud.requests.clear()
    return _cloud


@pytest.fixture
def aws(monkeypatch):
    """AWS KMS with a key; gives the key's id and its ARN."""
    for name, value in {"ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b", "DEFAULT_REGION": "eu-west-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    with mock_aws():
        client = boto3.client("kms", region_name="eu-west-1")
        key = client.create_key()["KeyMetadata"]
        client.create_alias(AliasName="alias/secrets", TargetKeyId=key["KeyId"])
        yield key
