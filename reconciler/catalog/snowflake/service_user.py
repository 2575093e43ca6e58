"""Service users: users of TYPE = SERVICE, who log in with key pairs or tokens."""

from __future__ import annotations

import base64
import hashlib
import json
import re

from reconciler.catalog import spec, sql, sqltext
from reconciler.catalog.snowflake.parameters import SESSION_PARAMETERS
from reconciler.model.values import Value


def strip_pem(key: str) -> str:
    r"""A public key as ALTER USER takes it: no header, no footer, one line.

    >>> strip_pem("-----BEGIN PUBLIC KEY-----\nMIIB\nIjAN\n-----END PUBLIC KEY-----\n")
    'MIIBIjAN'
    """
    return re.sub(r"-----[A-Z ]+-----|\s", "", key)


def fingerprint(key: str) -> str:
    """A key's fingerprint as DESCRIBE USER prints it; a fingerprint is its own.

    Source: DESCRIBE USER, RSA_PUBLIC_KEY_FP: "SHA256:" and the Base64 text of
    the SHA-256 digest of the key's DER form.
    """
    if key.startswith("SHA256:"):
        return key
    stripped = strip_pem(key)
    try:
        der = base64.b64decode(stripped, validate=True)
    except ValueError:
        return stripped
    return "SHA256:" + base64.b64encode(hashlib.sha256(der).digest()).decode()


def _same_key(left: Value, right: Value) -> bool:
    if not left or not right:
        return not left and not right
    return fingerprint(str(left)) == fingerprint(str(right))


def _render_key(value: Value) -> str:
    return f"RSA_PUBLIC_KEY = {sqltext.literal(strip_pem(str(value)))}"


def _render_key_2(value: Value) -> str:
    return f"RSA_PUBLIC_KEY_2 = {sqltext.literal(strip_pem(str(value)))}"


def _observe_key(observation: sql.Observation) -> Value:
    return observation.find_property("RSA_PUBLIC_KEY") or observation.find_property("RSA_PUBLIC_KEY_FP") or ""


def _observe_key_2(observation: sql.Observation) -> Value:
    return observation.find_property("RSA_PUBLIC_KEY_2") or observation.find_property("RSA_PUBLIC_KEY_2_FP") or ""


def _render_secondary_roles(value: Value) -> str:
    match str(value or "DEFAULT").upper():
        case "ALL":
            return "DEFAULT_SECONDARY_ROLES = ('ALL')"
        case "NONE":
            return "DEFAULT_SECONDARY_ROLES = ()"
        case _:
            return ""


def _alter_secondary_roles(alter: str, _live: Value, wanted: Value) -> tuple[sql.Statement, ...]:
    clause = _render_secondary_roles(wanted)
    return (sql.Statement(f"{alter} SET {clause}" if clause else f"{alter} UNSET DEFAULT_SECONDARY_ROLES"),)


def _observe_secondary_roles(observation: sql.Observation) -> Value:
    text = observation.row.get("default_secondary_roles")
    if not text:
        return "DEFAULT"
    return "ALL" if "ALL" in json.loads(text) else "NONE"


def _same_secondary_roles(left: Value, right: Value) -> bool:
    # Since bundle 2024_08 the server's default is ALL: SHOW cannot tell the two apart.
    return _secondary_roles(left) == _secondary_roles(right)


def _secondary_roles(value: Value) -> str:
    word = str(value or "DEFAULT").upper()
    return "ALL" if word == "DEFAULT" else word


def _same_text(left: Value, right: Value) -> bool:
    return str(left or "").upper() == str(right or "").upper()


_FIELDS = (
    sql.NAME,
    sql.COMMENT,
    # Login names are case-insensitive: SHOW prints them in upper case.
    sql.Property("loginName", secret=True, same=_same_text, repeats="name"),
    sql.Property("displayName", repeats="name"),
    sql.Property("email", secret=True),
    sql.Property("disabled", spec.TriState(), default="false"),
    # Both count down on the server: read, they would always differ.
    sql.Property("daysToExpiry", spec.Integer(minimum=1, unit="days"), shown_as=None),
    sql.Property("minsToUnlock", spec.Integer(minimum=0, unmanaged=-1, unit="min"), shown_as=None),
    sql.reference("defaultWarehouse", "WAREHOUSE"),
    sql.reference("defaultNamespace", "SCHEMA", style=sql.Style.PATH),
    sql.reference("defaultRole", "ROLE"),
    sql.Property(
        "defaultSecondaryRolesOption",
        spec.OneOf("DEFAULT", "NONE", "ALL"),
        default="DEFAULT",
        shown_as="default_secondary_roles",
        render=_render_secondary_roles,
        alter=_alter_secondary_roles,
        observe=_observe_secondary_roles,
        same=_same_secondary_roles,
    ),
    sql.Property(
        "rsaPublicKey",
        read_from=sql.ReadFrom.DESCRIBE,
        render=_render_key,
        observe=_observe_key,
        same=_same_key,
        doc="A public key in PEM form or its Base64 body.",
    ),
    # The second slot lets clients move to a new key before the old one goes.
    sql.Property(
        "rsaPublicKey2",
        sent_as="RSA_PUBLIC_KEY_2",
        read_from=sql.ReadFrom.DESCRIBE,
        render=_render_key_2,
        observe=_observe_key_2,
        same=_same_key,
    ),
    sql.parameter("enableUnredactedQuerySyntaxError", spec.FLAG),
    sql.parameter("networkPolicy", spec.Ref("NETWORK POLICY"), style=sql.Style.NAME, same=sqltext.same_name),
    sql.parameter("preventUnloadToInternalStages", spec.FLAG),
    *SESSION_PARAMETERS,
)

SERVICE_USER = sql.SqlKind(
    token="snowflake:index/serviceUser:ServiceUser",
    words="USER",
    scope=sql.Scope.ACCOUNT,
    options="TYPE = SERVICE",
    source="Snowflake SQL reference: CREATE USER, ALTER USER, DESCRIBE USER, SHOW USERS",
    autoname=sql.AUTONAME,
    fields=_FIELDS,
    outputs=(*sql.outputs(_FIELDS), spec.Output("userType", shown_as="type", doc="SERVICE.")),
    gaps=("defaultWorkloadIdentity",),
    parameters_of="FOR USER",
    shows=sql.columns(
        "name",
        "created_on",
        "login_name",
        "display_name",
        "first_name",
        "last_name",
        "email",
        "mins_to_unlock~",
        "days_to_expiry~",
        "comment",
        "disabled:flag",
        "must_change_password:flag",
        "snowflake_lock:flag~",
        "default_warehouse",
        "default_namespace",
        "default_role",
        "default_secondary_roles",
        "ext_authn_duo:flag",
        "ext_authn_uid",
        "mins_to_bypass_mfa~",
        "owner",
        "last_success_login~",
        "expires_at_time~",
        "locked_until_time~",
        "has_password:flag",
        "has_rsa_public_key:flag~",
        "type",
        "has_mfa:flag",
        "has_workload_identity:flag",
    ),
)
