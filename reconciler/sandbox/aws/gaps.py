"""What moto leaves out of the calls that the platform makes, done after it answered.

Each gap is a silent success in moto, which a sandbox must not have.
Seen: moto 5.2.5, November 2026.
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Callable, Mapping

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ec2.models import ec2_backends

Send = Callable[[Mapping[str, str], bytes], object]

_TAGS_AT_CREATION = re.compile(rb"<CreateBucketConfiguration.*?<Tags>(.*)</Tags>", re.DOTALL)
_REGION = re.compile(r"Credential=[^/]+/\d+/([^/]+)/ec2/")


def fill(environ: Mapping[str, str], body: bytes, send: Send) -> None:
    """Do what moto left out of a request that succeeded; `send` makes another request."""
    tags = _TAGS_AT_CREATION.search(body) if environ["REQUEST_METHOD"] == "PUT" else None
    if tags is not None:
        # S3 takes tags with the bucket since 2025, moto only afterwards.
        send(_with_query(environ, "tagging"), b"<Tagging><TagSet>" + tags.group(1) + b"</TagSet></Tagging>")
    if b"Action=ModifyVpcEndpoint&" in body:
        _set_private_dns(environ, dict(urllib.parse.parse_qsl(body.decode())))


def _set_private_dns(environ: Mapping[str, str], form: Mapping[str, str]) -> None:
    # Moto takes the argument and forgets it.
    region = _REGION.search(environ.get("HTTP_AUTHORIZATION", ""))
    if "PrivateDnsEnabled" not in form or region is None:
        return
    endpoints = ec2_backends[DEFAULT_ACCOUNT_ID][region.group(1)].vpc_end_points
    endpoints[form["VpcEndpointId"]].private_dns_enabled = form["PrivateDnsEnabled"] == "true"


def _with_query(environ: Mapping[str, str], query: str) -> dict[str, str]:
    path = environ.get("RAW_URI", environ["PATH_INFO"]).partition("?")[0]
    return {**environ, "QUERY_STRING": query, "RAW_URI": f"{path}?{query}", "REQUEST_URI": f"{path}?{query}"}
