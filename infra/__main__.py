"""The program: reads the settings, declares each concern, exports what others need to know."""

import sys
from pathlib import Path

# Pulumi puts this directory on the import path; the package `infra` lies one above.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import pulumi

from infra import access, identity, lake, network, orchestration, settings, warehouse

chosen = settings.read_settings()
layers = warehouse.layers(chosen)
warehouses = warehouse.warehouses(chosen)
landing = lake.landing(chosen, layers)
roles = access.roles(chosen, layers, warehouses, landing)
private = network.private_network(chosen)
policy = network.service_policy(chosen)
loader = identity.loader(chosen, roles, warehouses, policy)
prefect = orchestration.orchestration(chosen, layers, warehouses, roles, loader, landing)

outputs: dict[str, pulumi.Input[object]] = {
    "account": chosen.account,
    "database": layers.database.name,
    "layers": {"bronze": layers.bronze.name, "silver": layers.silver.name, "gold": layers.gold.name},
    "warehouses": {
        "load": warehouses.load.name,
        "transform": warehouses.transform.name,
        "serve": warehouses.serve.name,
    },
    "roles": {"loader": roles.loader.name, "transformer": roles.transformer.name, "reader": roles.reader.name},
    "loaderUser": loader.user.name,
    "loaderKeySecret": loader.secret.arn,
    "landingUrl": landing.url,
    "stage": landing.stage.fully_qualified_name,
    "privateLinkEndpoint": private.endpoint.id if private.endpoint else None,
    "workPool": prefect.pool.name,
    "connection": prefect.connector.name,
    "flow": orchestration.FLOW,
    "deployment": prefect.deployment.name,
    "prefectUrl": chosen.prefect_url,
}
orchestration.publish_outputs(chosen, outputs)
for name, value in outputs.items():
    pulumi.export(name, value)
