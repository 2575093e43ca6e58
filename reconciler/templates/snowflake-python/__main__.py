"""${DESCRIPTION}"""

import pulumi
import pulumi_snowflake as snowflake

config = pulumi.Config()

database = snowflake.Database("raw", name="RAW")
warehouse = snowflake.Warehouse(
    "load", name="LOAD", warehouse_size=config.get("warehouseSize") or "XSMALL", auto_suspend="60"
)
role = snowflake.AccountRole("loader", name="LOADER")
snowflake.GrantPrivilegesToAccountRole(
    "loader-uses-load",
    account_role_name=role.name,
    privileges=["USAGE"],
    on_account_object={"object_type": "WAREHOUSE", "object_name": warehouse.name},
)

pulumi.export("database", database.name)
