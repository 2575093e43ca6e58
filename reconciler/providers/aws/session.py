"""The edge to boto3: clients, threads, and errors turned into ours.

The only place of the provider that imports boto3, blocks, or sees plain SDK
data. Clients are made on first use, one per service, region and way of
retrying, and shared by all threads, which boto3 allows.
"""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import re
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from reconciler import errors
from reconciler.catalog.calls import Call
from reconciler.model import values
from reconciler.model.values import PropertyMap
from reconciler.providers.aws import refusals
from reconciler.providers.aws.settings import LOOPBACK_KEY, Settings, is_loopback

CONNECTIONS: Final = 16
_SANDBOX_HINT: Final = "is the sandbox up? run `flowforge sandbox up`"


class Session:
    """One identity's way to AWS; every method that calls runs in a thread of its own pool."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pool = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="aws")
        self._lock = threading.Lock()
        self._boto: Any = None
        self._clients: dict[tuple[str, str, bool], Any] = {}

    async def find_region(self) -> str:
        """The region that the profile names, "" when it names none."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._profile_region)

    async def send(self, call: Call, region: str) -> PropertyMap:
        """Make one call.

        Raises:
            TransientError: nothing happened: throttled, or not reachable.
            AmbiguousError: a call to be made once got no answer.
            PermanentError: the service refused; `code` is its own.
        """
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._send, call, region)

    def close(self) -> None:
        """Let go of threads and connections."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        for client in self._clients.values():
            client.close()

    def _profile_region(self) -> str:
        with self._lock:
            return self._session().region_name or ""

    def _send(self, call: Call, region: str) -> PropertyMap:
        from botocore import exceptions
        from botocore.parsers import ResponseParserError

        operation = f"{call.service}:{call.method}"
        try:
            client = self._client(call.service, region, call.once)
            operation = f"{call.service}:{client.meta.method_to_api_mapping[call.method]}"
            arguments = _with_blobs(client, call.method, values.thaw(call.arguments))
            answer = getattr(client, call.method)(**arguments)
        except exceptions.ClientError as error:
            told = error.response.get("Error", {})
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            raise refusals.error_of(
                str(told.get("Code", "")),
                str(told.get("Message", "")),
                status=status,
                operation=operation,
                once=call.once,
            ) from error
        except exceptions.ParamValidationError as error:
            # botocore prints the refused values, which may be secrets: say only where and what type.
            detail = re.sub(r", value: .*?, type:", ", type:", str(error), flags=re.DOTALL)
            raise errors.PermanentError(f"{operation}: {detail}", code="ParamValidation") from None
        except (
            exceptions.EndpointConnectionError,
            exceptions.ConnectTimeoutError,
            exceptions.ProxyConnectionError,
        ) as error:
            raise self._unreachable(operation, call.service, error) from error
        except (exceptions.HTTPClientError, ResponseParserError) as error:
            kind = errors.AmbiguousError if call.once else errors.TransientError
            raise kind(f"{operation}: no answer ({type(error).__name__})", code="NoAnswer") from error
        except exceptions.BotoCoreError as error:
            hint = "set aws:profile, or aws:accessKey and aws:secretKey, or AWS_* in the environment"
            raise errors.PermanentError(f"{operation}: {error}", code=type(error).__name__, hint=hint) from error
        return _frozen(answer)

    def _unreachable(self, operation: str, service: str, error: Exception) -> errors.TransientError:
        address = self._settings.endpoint(service)
        hint = _SANDBOX_HINT if is_loopback(address) else "check the network, the region's name and aws:endpoints"
        return errors.TransientError(f"{operation}: {error}", code="Unreachable", hint=hint)

    def _client(self, service: str, region: str, once: bool) -> Any:
        with self._lock:
            key = (service, region, once)
            if key not in self._clients:
                self._clients[key] = self._make_client(service, region, once)
            return self._clients[key]

    def _make_client(self, service: str, region: str, once: bool) -> Any:
        from botocore.config import Config

        address = self._settings.endpoint(service)
        local = is_loopback(address)
        attempts = 1 if once else 2 if local else (self._settings.max_retries or 9) + 1
        config = Config(
            connect_timeout=5 if local else 10,
            read_timeout=60,
            max_pool_connections=CONNECTIONS,
            retries={"total_max_attempts": attempts, "mode": "standard" if once or local else "adaptive"},
            s3={"addressing_style": "path"} if self._settings.path_style or local else None,
        )
        # Ambient credentials are somebody's real ones: nothing on this machine has a use for them.
        keys = {}
        if local and not self._settings.access_key:
            keys = {"aws_access_key_id": LOOPBACK_KEY, "aws_secret_access_key": LOOPBACK_KEY}
        return self._session().client(
            service, region_name=region or None, endpoint_url=address or None, config=config, **keys
        )

    def _session(self) -> Any:
        if self._boto is None:
            import boto3
            from botocore import exceptions

            settings = self._settings
            try:
                self._boto = boto3.Session(
                    aws_access_key_id=settings.access_key or None,
                    aws_secret_access_key=settings.secret_key or None,
                    aws_session_token=settings.token or None,
                    profile_name=settings.profile or None,
                )
            except exceptions.BotoCoreError as error:
                raise errors.ConfigureError(str(error), hint="check aws:profile and the credentials") from error
        return self._boto


def _with_blobs(client: Any, method: str, arguments: Any) -> dict[str, Any]:
    """Arguments whose binary members, base64 text until here, are bytes."""
    name = client.meta.method_to_api_mapping[method]
    shape = client.meta.service_model.operation_model(name).input_shape
    members = shape.members if shape is not None else {}
    return {
        key: base64.b64decode(value) if key in members and members[key].type_name == "blob" else value
        for key, value in arguments.items()
    }


def _frozen(answer: Mapping[str, Any]) -> PropertyMap:
    return values.freeze_map({key: _plain(item) for key, item in answer.items() if key != "ResponseMetadata"})


def _plain(value: Any) -> object:
    """SDK data as plain data: times in ISO 8601, bytes in base64."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value
