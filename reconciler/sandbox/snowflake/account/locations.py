"""Places in object storage, as URLs and taken apart. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.sandbox.snowflake.vocabulary import refusals


@dataclass(frozen=True, slots=True)
class Location:
    """A place in object storage; `prefix` ends in "/" or is empty."""

    bucket: str
    prefix: str

    @property
    def url(self) -> str:
        """The location as a URL."""
        return f"s3://{self.bucket}/{self.prefix}"


def parse_location(url: str) -> Location:
    """The location that a stage's URL names.

    >>> parse_location("s3://lake/bronze")
    Location(bucket='lake', prefix='bronze/')

    Raises:
        RefusedError: not an S3 URL.
    """
    if not url.startswith("s3://"):
        raise refusals.unsupported(f"stages outside S3: {url}")
    bucket, _, path = url.removeprefix("s3://").partition("/")
    if not bucket:
        raise refusals.invalid_value(f"'{url}'", "URL")
    return Location(bucket, path if not path or path.endswith("/") else path + "/")


def is_within(url: str, locations: tuple[str, ...]) -> bool:
    """Is the URL at or below one of the locations? "*" is everywhere.

    >>> is_within("s3://lake/bronze/", ("s3://lake/",)), is_within("s3://lake2/", ("s3://lake",))
    (True, False)
    """
    here = url.rstrip("/") + "/"
    return any(place == "*" or here.startswith(place.rstrip("/") + "/") for place in locations)
