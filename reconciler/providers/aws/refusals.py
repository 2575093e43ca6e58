"""AWS's error codes, as errors of ours. Pure; used by `session` alone."""

from __future__ import annotations

from typing import Final

from reconciler import errors

# Source: botocore's retry documentation (throttling errors); nothing happened, so a second sending is safe.
THROTTLED: Final = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "ServiceUnavailable",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_EXPIRED: Final = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
_UNKNOWN_IDENTITY: Final = frozenset(
    {
        "AuthFailure",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_DENIED: Final = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403"})
_HINTS: Final = {
    "BucketAlreadyExists": "bucket names are shared by all accounts: choose another name",
    "BucketNotEmpty": "empty the bucket, or set forceDestroy and run `pulumi up` before deleting it",
    "DeleteConflict": "set forceDetachPolicies on the role, or take its policies off first",
    "HostedZoneNotEmpty": "delete its records, or set forceDestroy and run `pulumi up` before deleting it",
    "InvalidServiceName": "the service does not exist in this region, or its owner did not allow this account",
}


def error_of(code: str, message: str, *, status: int, operation: str, once: bool) -> errors.ProviderError:
    """The error that a service's answer means.

    Args:
        status: of the HTTP answer.
        operation: `service:Method`, as an IAM policy would name it.
        once: the call must not be sent twice, so a failure inside the service leaves its outcome open.
    """
    detail = f"{operation}: {message}" if message else f"{operation} failed with {code}"
    if code in _EXPIRED:
        hint = (
            "the credentials are out of date: log in again (`aws sso login`), or renew accessKey, secretKey and token"
        )
        return errors.PermanentError(detail, code=code, hint=hint)
    if code in _UNKNOWN_IDENTITY:
        return errors.PermanentError(detail, code=code, hint="check aws:accessKey, aws:secretKey, aws:profile or AWS_*")
    if code in _DENIED:
        return errors.PermanentError(detail, code=code, hint=f"the identity needs a permission for {operation}")
    if code in THROTTLED or status == 503:
        return errors.TransientError(detail, code=code, delay_s=2.0)
    if status >= 500:
        kind = errors.AmbiguousError if once else errors.TransientError
        return kind(detail, code=code)
    if code == "InvalidRequestException" and "scheduled for deletion" in message:
        hint = "wait for the window to end, restore the secret, or give this one another name"
        return errors.PermanentError(detail, code=code, hint=hint)
    return errors.PermanentError(detail, code=code, hint=_HINTS.get(code, ""))
