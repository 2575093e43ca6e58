"""Stores of every kind, to hold them to the same promises."""

import pytest

from reconciler.backend.addresses import open_store
from tests.backend import object_services


@pytest.fixture(scope="session")
def s3_service():
    service = object_services.S3Service()
    yield service
    service.stop()


@pytest.fixture
def s3(s3_service):
    """The service, no faults, and a backend's URL in a new bucket."""
    s3_service.requests.clear()
    s3_service.url = s3_service.new_bucket()
    yield s3_service
    s3_service.fault = lambda method, path: None


@pytest.fixture
def s3_store(s3):
    return open_store(s3.url, s3.environment)


@pytest.fixture(params=["file", "s3", "gs", "azblob", "mem"])
def store(request, tmp_path):
    match request.param:
        case "file":
            yield open_store(f"file://{tmp_path}", {})
        case "mem":
            yield open_store("mem://", {})
        case "s3":
            yield request.getfixturevalue("s3_store")
        case "gs":
            with object_services.google() as (url, environment):
                yield open_store(url, environment)
        case "azblob":
            with object_services.azure() as (url, environment):
                yield open_store(url, environment)
