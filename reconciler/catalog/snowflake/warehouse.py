"""Warehouses."""

from __future__ import annotations

from reconciler.catalog import spec, sql
from reconciler.model.values import Value

SIZES = {
    "X-Small": "XSMALL",
    "Small": "SMALL",
    "Medium": "MEDIUM",
    "Large": "LARGE",
    "X-Large": "XLARGE",
    "2X-Large": "XXLARGE",
    "3X-Large": "XXXLARGE",
    "4X-Large": "X4LARGE",
    "5X-Large": "X5LARGE",
    "6X-Large": "X6LARGE",
}
"""What SHOW prints -> what CREATE takes."""

_CONSTRAINTS = (
    "STANDARD_GEN_1",
    "STANDARD_GEN_2",
    "MEMORY_1X",
    "MEMORY_1X_X86",
    "MEMORY_16X",
    "MEMORY_16X_X86",
    "MEMORY_64X",
    "MEMORY_64X_X86",
)
_OTHER_SPELLINGS = {"X2LARGE": "XXLARGE", "X3LARGE": "XXXLARGE"}
_SPELLED = {
    **{word: word for word in SIZES.values()},
    **{shown.upper(): word for shown, word in SIZES.items()},
    **_OTHER_SPELLINGS,
}


def _same_size(left: Value, right: Value) -> bool:
    return _size(left) == _size(right)


def _size(value: Value) -> str | None:
    """The size as CREATE takes it, of any accepted spelling in any case."""
    return _SPELLED.get(str(value).upper(), str(value).upper()) if value else None


def _render_size(value: Value) -> str:
    return f"WAREHOUSE_SIZE = {_size(value)}"


def _observe_size(observation: sql.Observation) -> Value:
    return _size(observation.row.get("size"))


def _observe_suspend(observation: sql.Observation) -> Value:
    # NULL and 0 both mean that it never suspends.
    return int(observation.row.get("auto_suspend") or 0)


def _is_removed(wanted: Value, _live: Value) -> bool:
    return wanted is None


def _change_type(alter: str, _live: Value, wanted: Value) -> tuple[sql.Statement, ...]:
    """Only a suspended warehouse changes its type. 90064: it was suspended already."""
    return (
        sql.Statement(f"{alter} SUSPEND", tolerates=(90064,)),
        sql.Statement(f"{alter} SET WAREHOUSE_TYPE = '{str(wanted or 'STANDARD').upper()}'"),
        sql.Statement(f"{alter} RESUME IF SUSPENDED"),
    )


_FIELDS = (
    sql.NAME,
    sql.COMMENT,
    sql.Property(
        "warehouseType",
        spec.OneOf("STANDARD", "SNOWPARK-OPTIMIZED"),
        default="STANDARD",
        shown_as="type",
        style=sql.Style.STRING,
        alter=_change_type,
    ),
    sql.Property(
        "warehouseSize",
        spec.OneOf(*_SPELLED),
        default="XSMALL",
        shown_as="size",
        spelled=SIZES,
        same=_same_size,
        render=_render_size,
        observe=_observe_size,
        replaces_when=_is_removed,
    ),
    sql.Property("generation", spec.OneOf("1", "2"), style=sql.Style.STRING, can_unset=False),
    sql.Property("resourceConstraint", spec.OneOf(*_CONSTRAINTS), can_unset=False),
    sql.Property("minClusterCount", spec.Integer(minimum=1, maximum=300), default=1),
    sql.Property("maxClusterCount", spec.Integer(minimum=1, maximum=300), default=1),
    sql.Property("scalingPolicy", spec.OneOf("STANDARD", "ECONOMY"), default="STANDARD", unset_to="STANDARD"),
    # UNSET leaves NULL (never suspend), or FALSE, instead of the default. Seen: the public provider's own notes.
    sql.Property("autoSuspend", spec.seconds(unmanaged=-1), default=600, unset_to=600, observe=_observe_suspend),
    sql.Property("autoResume", spec.TriState(), default="true", unset_to="true"),
    # Acts once, at creation, and SHOW never reports it: it cannot drift.
    sql.Property("initiallySuspended", spec.FLAG, change=spec.Change.CREATE_ONLY, shown_as=None),
    sql.reference("resourceMonitor", "RESOURCE MONITOR"),
    sql.Property("enableQueryAcceleration", spec.TriState(), default="false"),
    sql.Property("queryAccelerationMaxScaleFactor", spec.Integer(minimum=0, maximum=100, unmanaged=-1), default=8),
    sql.parameter("maxConcurrencyLevel", spec.Integer(minimum=1)),
    sql.parameter("statementQueuedTimeoutInSeconds", spec.seconds()),
    sql.parameter("statementTimeoutInSeconds", spec.Integer(minimum=0, maximum=604800, unit="s")),
)

WAREHOUSE = sql.SqlKind(
    token="snowflake:index/warehouse:Warehouse",
    words="WAREHOUSE",
    scope=sql.Scope.ACCOUNT,
    source="Snowflake SQL reference: CREATE WAREHOUSE, ALTER WAREHOUSE, SHOW WAREHOUSES",
    autoname=sql.AUTONAME,
    fields=_FIELDS,
    outputs=sql.outputs(_FIELDS),
    parameters_of="IN WAREHOUSE",
    shows=sql.columns(
        "name",
        "state~",
        "type",
        "size",
        "min_cluster_count:number",
        "max_cluster_count:number",
        "started_clusters:number~",
        "running:number~",
        "queued:number~",
        "is_default:flag~",
        "is_current:flag~",
        "auto_suspend:number",
        "auto_resume:flag",
        "available:number~",
        "provisioning:number~",
        "quiescing:number~",
        "other:number~",
        "created_on",
        "resumed_on~",
        "updated_on~",
        "owner",
        "comment",
        "enable_query_acceleration:flag",
        "query_acceleration_max_scale_factor:number",
        "resource_monitor",
        "scaling_policy",
        "owner_role_type",
        "resource_constraint",
        "generation",
    ),
)
