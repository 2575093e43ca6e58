"""Functions (data sources) of the Snowflake package: the query of each and what it returns."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.catalog import spec, sql
from reconciler.model.values import PropertyMap, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlFunction(spec.Function):
    """A function answered by one query; `result` makes its result of the query's first row."""

    query: str
    result: Callable[[sql.Row], PropertyMap]


_PRIVATE_LINK: Final = {
    "accountName": "privatelink-account-name",
    "accountUrl": "privatelink-account-url",
    "appServicePrivatelinkUrl": "app-service-privatelink-url",
    "awsVpceId": "privatelink-vpce-id",
    "azurePlsId": "privatelink-pls-id",
    "internalStage": "privatelink-internal-stage",
    "privatelinkAccountPrincipal": "privatelink-account-principal",
    "privatelinkConnectionOcspUrls": "privatelink-connection-ocsp-urls",
    "privatelinkConnectionUrls": "privatelink-connection-urls",
    "privatelinkDashedUrlsForDuo": "privatelink-dashed-urls-for-duo",
    "privatelinkGcpServiceAttachment": "privatelink-gcp-service-attachment",
    "privatelinkSnowflakeManagedStorageVolumeFs": "privatelink-snowflake-managed-storage-volume-fs",
    "privatelinkSnowflakeManagedStorageVolumeNfs": "privatelink-snowflake-managed-storage-volume-nfs",
    "regionlessAccountUrl": "regionless-privatelink-account-url",
    "regionlessPrivatelinkOcspUrl": "regionless-privatelink-ocsp-url",
    "regionlessSnowsightUrl": "regionless-snowsight-privatelink-url",
    "snowsightUrl": "snowsight-privatelink-url",
}
"""Result -> key of SYSTEM$GET_PRIVATELINK_CONFIG. Source: that function's page."""


def _private_link(row: sql.Row) -> PropertyMap:
    found = _parsed(row)
    # Accounts answer with either key.
    ocsp = found.get("privatelink-ocsp-url") or found.get("privatelink_ocsp-url")
    told = {name: _text(found.get(key)) for name, key in _PRIVATE_LINK.items()}
    return {**told, "ocspUrl": _text(ocsp), "id": "system_get_privatelink_config"}


def _platform_info(row: sql.Row) -> PropertyMap:
    found = _parsed(row)
    return {
        "awsVpcIds": _list(found.get("snowflake-vpc-id")),
        "azureVnetSubnetIds": _list(found.get("snowflake-vnet-subnet-id")),
        "id": "system_get_snowflake_platform_info",
    }


def _current_account(row: sql.Row) -> PropertyMap:
    account, region = row.get("account") or "", row.get("region") or ""
    organization, name = row.get("organization") or "", row.get("name") or ""
    host = f"{organization}-{name}".lower().replace("_", "-")
    return {"account": account, "region": region, "url": f"https://{host}.snowflakecomputing.com", "id": account}


def _parsed(row: sql.Row) -> Mapping[str, object]:
    found = json.loads(row.get("config") or "{}")
    return found if isinstance(found, dict) else {}


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def _list(value: object) -> Value:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


FUNCTIONS: Final = (
    SqlFunction(
        token="snowflake:index/getSystemGetPrivateLinkConfig:getSystemGetPrivateLinkConfig",
        query='SELECT SYSTEM$GET_PRIVATELINK_CONFIG() AS "config"',
        result=_private_link,
        source="Snowflake SQL reference: SYSTEM$GET_PRIVATELINK_CONFIG",
    ),
    SqlFunction(
        token="snowflake:index/getSystemGetSnowflakePlatformInfo:getSystemGetSnowflakePlatformInfo",
        query='SELECT SYSTEM$GET_SNOWFLAKE_PLATFORM_INFO() AS "config"',
        result=_platform_info,
        source="Snowflake SQL reference: SYSTEM$GET_SNOWFLAKE_PLATFORM_INFO",
    ),
    SqlFunction(
        token="snowflake:index/getCurrentAccount:getCurrentAccount",
        query=(
            'SELECT CURRENT_ACCOUNT() AS "account", CURRENT_REGION() AS "region",'
            ' CURRENT_ORGANIZATION_NAME() AS "organization", CURRENT_ACCOUNT_NAME() AS "name"'
        ),
        result=_current_account,
        source="Snowflake SQL reference: Context functions; Account identifiers, organization URLs",
    ),
)
