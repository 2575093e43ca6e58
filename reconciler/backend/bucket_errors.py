"""What an object store's refusal means, and what a person can do about it.

Texts of the client hold signed addresses: only the service's own code and words are passed on.
"""

from __future__ import annotations

import re

from reconciler import errors

_STATUS = re.compile(r"status code: (\d{3})")
_CODE = re.compile(r"<Code>([^<]*)</Code>")
_MESSAGE = re.compile(r"<Message>([^<]*)</Message>")
_FINAL = re.compile(r"4(?!08|09|29)\d\d")
_REGIONS = ("PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException")
_BUCKETS = ("NoSuchBucket", "ContainerNotFound", "The specified bucket does not exist")
_UNREACHABLE = ("error sending request", "dns error", "tcp connect", "Connection refused", "operation timed out")


def translate(error: BaseException, url: str, place: str) -> errors.BackendError:
    """Our error for one of the client's.

    Args:
        url: the backend's, as the person gave it.
        place: the URL of the object that was asked for.
    """
    text = str(error)
    kind, code = type(error).__name__, _first(_CODE, text)
    status = _first(_STATUS, text)
    said = ", ".join(part for part in (status, code, _first(_MESSAGE, text)) if part)
    if code in _REGIONS or status == "301" or "redirect" in text.lower():
        return errors.BucketRegionError(
            f"{url} is not in the region that was asked ({said or 'redirected'})",
            hint="add the bucket's region to the URL: ?region=<region>",
        )
    if is_bucket_missing(error):
        return errors.BucketNotFoundError(
            f"there is no bucket or container of {url}", hint="make it first, or correct the URL of `pulumi login`"
        )
    if kind in ("PermissionDeniedError", "UnauthenticatedError") or status in ("401", "403"):
        return errors.BucketAccessError(
            f"{place}: access was refused ({said or kind})",
            hint="reading, listing, writing and deleting below .pulumi/ must be allowed to these credentials",
        )
    if not status and any(word in text for word in _UNREACHABLE):
        return errors.BucketUnreachableError(
            f"{url} cannot be reached", hint="is the endpoint or region of the URL right, and the network up?"
        )
    if not status and "credential" in text.lower():
        return errors.BucketAccessError(
            f"no credentials were found for {url}", hint="set them in the environment, or name a profile in the URL"
        )
    return errors.BackendError(f"{place}: {said or text.splitlines()[0] if text else kind}")


def is_bucket_missing(error: BaseException) -> bool:
    """Is it the bucket that is not there, and not the object?"""
    text = str(error)
    return any(word in text for word in _BUCKETS)


def is_final(error: BaseException) -> bool:
    """Would asking again be answered the same?"""
    return _FINAL.fullmatch(_first(_STATUS, str(error))) is not None


def is_timeout(error: BaseException) -> bool:
    """Did a request begin whose answer did not come? It may have been carried out."""
    return "kind: Timeout" in str(error)


def is_unconditional(error: BaseException) -> bool:
    """Does the service know no conditional writes?"""
    text = str(error)
    return type(error).__name__ == "NotSupportedError" or _first(_STATUS, text) == "501"


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found.group(1).strip() if found else ""
