"""What a refused call means."""

from __future__ import annotations

import grpc
import pytest
from google.protobuf import any_pb2
from pulumi.runtime.proto import errors_pb2, provider_pb2, status_pb2

from reconciler import errors
from reconciler.contract import wire
from reconciler.model.values import Secret
from reconciler.providers.plugins.failures import Refusal, as_error

CODE = grpc.StatusCode


def packed(message) -> bytes:
    detail = any_pb2.Any()
    detail.Pack(message)
    return status_pb2.Status(code=2, message="m", details=[detail]).SerializeToString()


@pytest.mark.parametrize(
    ("code", "changes", "expected"),
    [
        pytest.param(CODE.UNKNOWN, True, errors.PermanentError, id="a plain exception"),
        pytest.param(CODE.INTERNAL, True, errors.AmbiguousError, id="internal, while changing"),
        pytest.param(CODE.DATA_LOSS, True, errors.AmbiguousError, id="data loss, while changing"),
        pytest.param(CODE.DEADLINE_EXCEEDED, True, errors.AmbiguousError, id="too late, while changing"),
        pytest.param(CODE.INTERNAL, False, errors.PermanentError, id="internal, while looking"),
        pytest.param(CODE.UNAVAILABLE, True, errors.TransientError, id="try again"),
        pytest.param(CODE.NOT_FOUND, True, errors.NotFoundError, id="gone"),
        pytest.param(CODE.PERMISSION_DENIED, True, errors.PermanentError, id="refused"),
    ],
)
def test_status_codes(code, changes, expected):
    error = as_error(Refusal(method="Create", code=code, message="words", changes=changes))

    assert type(error) is expected
    assert "words" in str(error)
    assert error.code == code.name


def test_a_process_that_died_leaves_open_what_it_was_changing():
    refusal = Refusal(method="Update", code=CODE.UNAVAILABLE, message="", death="it exited with 3", changes=True)

    assert isinstance(as_error(refusal), errors.AmbiguousError)
    assert "it exited with 3" in str(as_error(refusal))


def test_what_is_half_made_keeps_id_outputs_and_reasons():
    failed = provider_pb2.ErrorResourceInitFailed(
        id="i", properties=wire.write_map({"a": Secret("s"), "b": None}), reasons=["one", "two"]
    )

    error = as_error(Refusal(method="Create", code=CODE.UNKNOWN, message="m", status=packed(failed), changes=True))

    assert isinstance(error, errors.PartialError)
    assert (error.id, error.outputs, error.reasons) == ("i", {"a": Secret("s"), "b": None}, ("one", "two"))


def test_missing_settings_are_named():
    missing = provider_pb2.ConfigureErrorMissingKeys(
        missingKeys=[provider_pb2.ConfigureErrorMissingKeys.MissingKey(name="x:region", description="where")]
    )

    error = as_error(Refusal(method="Configure", code=CODE.INVALID_ARGUMENT, message="m", status=packed(missing)))

    assert isinstance(error, errors.ConfigureError)
    assert "missing required configuration key 'x:region': where" in str(error)


def test_refused_properties_are_named():
    refused = errors_pb2.InputPropertiesError(
        errors=[errors_pb2.InputPropertiesError.PropertyError(property_path="a.b", reason="too long")]
    )

    error = as_error(Refusal(method="Construct", code=CODE.INVALID_ARGUMENT, message="m", status=packed(refused)))

    assert isinstance(error, errors.InvalidInputsError)
    assert error.failures == (("a.b", "too long"),)


def test_a_status_that_is_no_status_is_left_alone():
    assert isinstance(
        as_error(Refusal(method="Read", code=CODE.ABORTED, message="m", status=b"\xff")), errors.PermanentError
    )
