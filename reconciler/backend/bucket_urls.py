"""Opens the bucket that a backend's URL names, in the spelling of upstream's URLs.

Source: gocloud.dev/blob (s3blob, gcsblob, azureblob `URLOpener`), pulumi/pulumi pkg/backend/diy `New`,
`translateLegacyS3Params`; facts/engine-contract.md §5.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, parse_qsl, urlsplit

from obstore.store import AzureStore, GCSStore, MemoryStore, S3Store

from reconciler import errors
from reconciler.backend.buckets import BucketStore

if TYPE_CHECKING:
    from obstore.auth.boto3 import Boto3CredentialProvider
    from obstore.store import AzureConfig, ClientConfig, GCSConfig, RetryConfig, S3Config, S3CredentialProvider

FOLDER: Final = ".pulumi"

_S3: Final = frozenset(
    (
        *("region", "endpoint", "profile", "anonymous", "ssetype", "kmskeyid"),
        *("disableSSL", "disable_https", "s3ForcePathStyle", "use_path_style"),
        # These say nothing here: what they choose between is one and the same for this client.
        *("awssdk", "hostname_immutable", "rate_limiter_capacity"),
        *("request_checksum_calculation", "response_checksum_validation"),
    )
)
_GS: Final = frozenset(("access_id", "private_key_path", "anonymous", "universe_domain"))
_AZURE: Final = frozenset(("storage_account", "domain", "protocol", "cdn", "localemu"))
_EMULATOR: Final = "STORAGE_EMULATOR_HOST"


def open_bucket(url: str, environment: Mapping[str, str], *, timeout_s: float = 60.0) -> BucketStore:
    """The store below `.pulumi` of the bucket that a URL names. Asks nothing of the service yet.

    Args:
        timeout_s: how long one request may take.

    Raises:
        BackendError: the URL has a parameter or a scheme that is not known, or names no bucket.
        BucketAccessError: the profile that it names gives no credentials.
    """
    parts = urlsplit(url)
    parameters = dict(parse_qsl(parts.query, keep_blank_values=True))
    prefix = "/".join((*filter(None, parts.path.split("/")), FOLDER))
    root = f"{parts.scheme}://{parts.netloc}/{prefix}"
    if parts.scheme == "mem":
        # As upstream's: empty each time, and gone with the process.
        return BucketStore(url, root, MemoryStore())
    if not parts.netloc:
        raise errors.BackendError(f"{url!r} names no bucket", hint=f"write {parts.scheme}://<bucket>")
    client: ClientConfig = {"timeout": timedelta(seconds=timeout_s), "connect_timeout": timedelta(seconds=5)}
    retry: RetryConfig = {
        "max_retries": 4,
        "retry_timeout": timedelta(seconds=60),
        "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=3), "base": 2},
    }
    match parts.scheme:
        case "s3":
            _refuse_unknown(url, parameters, _S3)
            config, credentials = _s3(parameters, environment)
            client["allow_http"] = config.get("endpoint", "").startswith("http://")
            bucket: S3Store | GCSStore | AzureStore = S3Store(
                parts.netloc,
                prefix=prefix,
                config=config,
                client_options=client,
                retry_config=retry,
                credential_provider=credentials,
            )
        case "gs":
            _refuse_unknown(url, parameters, _GS)
            gcs = _gcs(parameters, environment)
            client["allow_http"] = gcs.get("base_url", "").startswith("http://")
            bucket = GCSStore(parts.netloc, prefix=prefix, config=gcs, client_options=client, retry_config=retry)
        case "azblob":
            _refuse_unknown(url, parameters, _AZURE)
            azure = _azure(url, parts, parameters, environment)
            client["allow_http"] = azure.get("endpoint", "").startswith("http://")
            bucket = AzureStore(parts.netloc, prefix=prefix, config=azure, client_options=client, retry_config=retry)
        case _:
            raise errors.BackendError(
                f"{parts.scheme}:// backends are not in this version",
                hint="there are file://, s3://, gs://, azblob:// and mem://",
            )
    return BucketStore(url, root, bucket)


def _s3(parameters: Mapping[str, str], environment: Mapping[str, str]) -> tuple[S3Config, S3CredentialProvider | None]:
    config: S3Config = {}
    endpoint = (
        parameters.get("endpoint") or environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL")
    )
    if endpoint:
        plain = _is_true(parameters.get("disableSSL", "")) or _is_true(parameters.get("disable_https", ""))
        config["endpoint"] = endpoint if "://" in endpoint else f"{'http' if plain else 'https'}://{endpoint}"
    region = parameters.get("region") or environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
    if _is_true(parameters.get("anonymous", "")):
        config["skip_signature"] = True
    if "ssetype" in parameters:
        config["server_side_encryption"] = parameters["ssetype"]
    if "kmskeyid" in parameters:
        config["sse_kms_key_id"] = parameters["kmskeyid"]
    # The bucket stands in the path where an endpoint is named, as its certificate and its names need not know it.
    config["virtual_hosted_style_request"] = not endpoint and not _asks_path_style(parameters)
    credentials = None
    if environment.get("AWS_ACCESS_KEY_ID") and "profile" not in parameters:
        config["access_key_id"] = environment["AWS_ACCESS_KEY_ID"]
        config["secret_access_key"] = environment.get("AWS_SECRET_ACCESS_KEY", "")
        if token := environment.get("AWS_SESSION_TOKEN"):
            config["session_token"] = token
    elif profile := _profile(parameters, environment):
        credentials = _of_profile(profile)
        region = region or credentials.config.get("region")
    config["region"] = region or "us-east-1"
    return config, credentials


def _profile(parameters: Mapping[str, str], environment: Mapping[str, str]) -> str:
    """The profile of the AWS files to use, "" for the client's own search: web identity, container, instance."""
    if named := parameters.get("profile") or environment.get("AWS_PROFILE"):
        return named
    folder = Path(environment.get("HOME", "~")).expanduser() / ".aws"
    files = (
        Path(environment.get("AWS_SHARED_CREDENTIALS_FILE") or folder / "credentials"),
        Path(environment.get("AWS_CONFIG_FILE") or folder / "config"),
    )
    return "default" if any(file.is_file() for file in files) and "AWS_ROLE_ARN" not in environment else ""


def _of_profile(profile: str) -> Boto3CredentialProvider:
    try:
        import boto3
        import botocore.exceptions
        from obstore.auth.boto3 import Boto3CredentialProvider
    except ImportError as error:
        raise errors.BucketAccessError(
            f"profiles of the AWS files need {error.name}", hint="pip install 'reconciler[aws]'"
        ) from error
    try:
        return Boto3CredentialProvider(boto3.Session(profile_name=profile))
    except (botocore.exceptions.BotoCoreError, ValueError) as error:
        raise errors.BucketAccessError(
            f"the AWS profile {profile!r} gives no credentials: {error}", hint=f"aws configure --profile {profile}"
        ) from error


def _gcs(parameters: Mapping[str, str], environment: Mapping[str, str]) -> GCSConfig:
    config: GCSConfig = {}
    if host := environment.get(_EMULATOR):
        config["base_url"] = host if "://" in host else f"http://{host}"
        # Nobody looks at it; without one the client asks the machine that it runs on.
        config["bearer_token"] = "emulator"
    if _is_true(parameters.get("anonymous", "")):
        config["skip_signature"] = True
    if token := environment.get("GOOGLE_OAUTH_ACCESS_TOKEN"):
        config["bearer_token"] = token
    elif given := environment.get("GOOGLE_CREDENTIALS"):
        # Upstream takes a file's name or the file itself.
        config["service_account_key" if given.lstrip().startswith("{") else "application_credentials"] = given
    elif path := environment.get("GOOGLE_APPLICATION_CREDENTIALS"):
        config["application_credentials"] = path
    return config


def _azure(url: str, parts: SplitResult, parameters: Mapping[str, str], environment: Mapping[str, str]) -> AzureConfig:
    given = dict(
        part.split("=", 1) for part in environment.get("AZURE_STORAGE_CONNECTION_STRING", "").split(";") if "=" in part
    )
    account = parameters.get("storage_account") or environment.get("AZURE_STORAGE_ACCOUNT") or given.get("AccountName")
    if not account:
        raise errors.BackendError(
            f"{url!r} names no storage account", hint=f"azblob://{parts.netloc}?storage_account=<name>"
        )
    config: AzureConfig = {"account_name": account}
    domain = parameters.get("domain") or environment.get("AZURE_STORAGE_DOMAIN")
    is_local = _is_true(parameters.get("localemu", "") or environment.get("AZURE_STORAGE_IS_LOCAL_EMULATOR", ""))
    protocol = parameters.get("protocol") or environment.get("AZURE_STORAGE_PROTOCOL") or "https"
    if domain or is_local:
        host = domain or "127.0.0.1:10000"
        # An emulator has the account in the path, the service in the host's name.
        config["endpoint"] = f"{protocol}://{host}/{account}" if is_local else f"{protocol}://{account}.{host}"
    elif endpoint := given.get("BlobEndpoint"):
        config["endpoint"] = endpoint.rstrip("/")
    if key := environment.get("AZURE_STORAGE_KEY") or given.get("AccountKey"):
        config["account_key"] = key
    elif sas := environment.get("AZURE_STORAGE_SAS_TOKEN") or given.get("SharedAccessSignature"):
        config["sas_key"] = sas
    return config


def _refuse_unknown(url: str, parameters: Mapping[str, str], known: frozenset[str]) -> None:
    if unknown := sorted(parameters.keys() - known):
        raise errors.BackendError(
            f"{url!r} has the parameter {unknown[0]!r}, which is not known",
            hint=f"known are: {', '.join(sorted(known))}",
        )


def _asks_path_style(parameters: Mapping[str, str]) -> bool:
    return _is_true(parameters.get("s3ForcePathStyle", "")) or _is_true(parameters.get("use_path_style", ""))


def _is_true(text: str) -> bool:
    return text.strip().lower() in ("1", "t", "true")
