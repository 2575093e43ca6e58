"""Runs the program against Pulumi's own test monitor, with the dev stack's real config."""

import asyncio
import contextlib
import contextvars
import json
import runpy
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.protobuf import empty_pb2
from pulumi.runtime import config as runtime_config
from pulumi.runtime import mocks, rpc, settings
from pulumi.runtime.stack import run_in_stack
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]

# What the account answers to SYSTEM$GET_PRIVATELINK_CONFIG, as the SDK names it.
PRIVATE_LINK = {
    "accountUrl": "ff_sb.us-east-1.privatelink.snowflakecomputing.com",
    "regionlessAccountUrl": "flowforge-sandbox.privatelink.snowflakecomputing.com",
    "ocspUrl": "ocsp.ff_sb.us-east-1.privatelink.snowflakecomputing.com:80",
    "regionlessPrivatelinkOcspUrl": "ocsp.flowforge-sandbox.privatelink.snowflakecomputing.com",
    "snowsightUrl": "app.us-east-1.privatelink.snowflakecomputing.com",
    "regionlessSnowsightUrl": "app-flowforge-sandbox.privatelink.snowflakecomputing.com",
    "awsVpceId": "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0",
    "id": "privatelink",
}


@dataclass
class Declared:
    """One resource that the program declared: as the engine is told of it."""

    type: str
    name: str
    inputs: dict
    urn: str
    dependencies: frozenset[str]
    request: object


@dataclass
class Program:
    """All that one run of the program declared, in the order in which the engine was told."""

    resources: list[Declared] = field(default_factory=list)
    outputs: dict = field(default_factory=dict)

    def of(self, kind):
        """The resources of a kind: the last word of their type."""
        return [resource for resource in self.resources if resource.type.rpartition(":")[2] == kind]

    def one(self, name):
        """The resource of that logical name."""
        (found,) = [resource for resource in self.resources if resource.name == name]
        return found

    def waits_for(self, later, earlier):
        """Does `later` depend on `earlier`, directly or through others?"""
        urns = {resource.urn: resource for resource in self.resources}
        seen, todo = set(), [later.urn]
        while todo:
            for urn in urns[todo.pop()].dependencies - seen:
                seen.add(urn)
                todo.append(urn)
        return earlier.urn in seen


class Services(mocks.Mocks):
    """Answers as the services would: echoes inputs, adds what they compute."""

    def call(self, args):
        if args.token.endswith("getCallerIdentity"):
            return {"accountId": "123456789012", "arn": "arn:aws-cn:iam::123456789012:user/deployer", "userId": "U"}
        if args.token.endswith("getSystemGetPrivateLinkConfig"):
            return PRIVATE_LINK
        raise AssertionError(f"the program asked for {args.token}")

    def new_resource(self, args):
        return f"{args.name}-id", args.inputs | self._computed(args)

    def _computed(self, args):
        name = args.inputs.get("name", "")
        match args.typ.rpartition(":")[2]:
            case "Schema":
                return {"fullyQualifiedName": f'"{args.inputs["database"]}"."{name}"'}
            case "Table" | "StageExternalS3" | "FileFormatParquet":
                return {"fullyQualifiedName": f'"{args.inputs["database"]}"."{args.inputs["schema"]}"."{name}"'}
            case "StorageIntegrationAws":
                described = {"iamUserArn": "arn:aws-cn:iam::999999999999:user/snowflake", "externalId": "SB_SFCRole=1"}
                return {"describeOutputs": [described]}
            case "Bucket":
                return {"arn": f"arn:aws-cn:s3:::{args.inputs['bucket']}"}
            case "Secret":
                return {"arn": f"arn:aws-cn:secretsmanager:us-east-1:123456789012:secret:{name}"}
            case "WorkPool" | "Flow" | "Block":
                word = {"WorkPool": "poolId", "Flow": "flowId", "Block": "blockDocumentId"}[args.typ.rpartition(":")[2]]
                return {word: f"{args.name}-uuid"}
            case "Zone":
                return {"zoneId": "Z1"}
            case "VpcEndpoint":
                return {"dnsEntries": [{"dnsName": "vpce-1.vpce.amazonaws.com", "hostedZoneId": "Z2"}]}
        return {}


class Recorder(mocks.MockMonitor):
    """The SDK's test monitor, which also keeps what it was told."""

    def __init__(self, program):
        super().__init__(Services())
        self.program = program

    def Invoke(self, request):
        with own_loop():
            return super().Invoke(request)

    def RegisterResource(self, request):
        with own_loop():
            response = super().RegisterResource(request)
            if request.type != "pulumi:pulumi:Stack":
                inputs = rpc.deserialize_properties(request.object)
                declared = Declared(
                    request.type, request.name, inputs, response.urn, frozenset(request.dependencies), request
                )
                self.program.resources.append(declared)
            return response

    def RegisterResourceOutputs(self, request):
        with own_loop():
            self.program.outputs = rpc.deserialize_properties(request.outputs)
            return super().RegisterResourceOutputs(request)


@contextlib.contextmanager
def own_loop():
    """Give the SDK's monitor an event loop and close it: its own, one per calling thread, it leaves open."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        yield
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def make_key():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def read_config(stack, **changes):
    """The stack file's values as the engine hands them to a program: texts, structures as JSON."""
    values = YAML(typ="safe").load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"] | {
        "flowforge:loaderPrivateKey": make_key()
    }
    values |= {f"flowforge:{key}": value for key, value in changes.items()}
    return {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in values.items()
        if value is not None
    }


def run(config, *, stack="dev", root=ROOT):
    """Run the program; nothing of the run is left in the SDK's settings afterwards."""
    program = Program()
    contextvars.copy_context().run(_run, program, config, stack, root)
    return program


def _run(program, config, stack, root):
    monitor = Recorder(program)
    settings.ROOT.set(None)
    settings.configure(
        mocks.MockSettings(
            monitor=monitor,
            monitor_features=set(monitor.GetDeploymentInfo(empty_pb2.Empty()).supportedFeatures),
            engine=mocks.MockEngine(None),
            project="flowforge",
            stack=stack,
        )
    )
    settings.SETTINGS.root_directory = str(root)
    runtime_config.set_all_config(config, ["flowforge:loaderPrivateKey"])
    asyncio.run(run_in_stack(_run_main))


def _run_main():
    runpy.run_path(str(ROOT / "infra"), run_name="__main__")


@pytest.fixture(scope="session")
def program():
    return run(read_config("dev"))
