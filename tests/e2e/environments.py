"""A sandbox and stacks on it, driven as a person does: by the commands, in a copy of the project."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import httpx
import snowflake.connector

from tests.prefect_server import patient_client

PROJECT = Path(__file__).resolve().parents[2]
COMMANDS = Path(sys.executable).parent
SERVICES = ("snowflake", "aws", "prefect")


@dataclass
class Ran:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


@dataclass
class Environment:
    """A copy of the project with a sandbox of its own, on free ports."""

    folder: Path
    ports: Mapping[str, int] = field(default_factory=lambda: dict(zip(SERVICES, free_ports(3), strict=True)))

    def variables(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "PREFECT_"))}
        return {
            **kept,
            **{f"FLOWFORGE_SANDBOX_{name.upper()}_PORT": str(port) for name, port in self.ports.items()},
            "PATH": f"{COMMANDS}:{os.environ['PATH']}",
            "HOME": str(self.folder / "home"),
            "PULUMI_HOME": str(self.folder / "pulumi-home"),
            "PULUMI_BACKEND_URL": f"file://{self.folder / '.state'}",
            "PULUMI_CONFIG_PASSPHRASE": "sandbox",
        }

    def prepare(self) -> None:
        """Copy what a clone has, and make the loader's key."""
        for name in ("infra", "flows"):
            shutil.copytree(PROJECT / name, self.folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(PROJECT / "Pulumi.yaml", self.folder)
        (self.folder / "home").mkdir()
        (self.folder / ".state").mkdir()
        made = subprocess.run(
            [sys.executable, "-m", "scripts.make_key", str(self.folder / ".state/keys/loader.p8")],
            cwd=PROJECT,
            check=False,
        )
        assert made.returncode == 0

    def add_stack(self, name: str) -> None:
        """A stack with the dev stack's configuration, moved to our ports, with names of its own."""
        text = (PROJECT / "Pulumi.dev.yaml").read_text()
        for default, service in ((18710, "snowflake"), (18720, "aws"), (18730, "prefect")):
            text = text.replace(str(default), str(self.ports[service]))
        text = text.replace("flowforge-dev-lake", f"flowforge-{name}-lake")
        (self.folder / f"Pulumi.{name}.yaml").write_text(text)
        assert self.pulumi("stack", "init", name).code == 0

    def pulumi(self, *arguments: str, timeout_s: float = 300, **extra: str) -> Ran:
        return self.run("pulumi", "--non-interactive", *arguments, timeout_s=timeout_s, **extra)

    def flowforge(self, *arguments: str) -> Ran:
        return self.run("flowforge", *arguments)

    def run(self, command: str, *arguments: str, timeout_s: float = 300, **extra: str) -> Ran:
        done = subprocess.run(
            [str(COMMANDS / command), *arguments],
            cwd=self.folder,
            env=self.variables() | extra,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def killed_at(self, call: int, answered: bool, stack: str) -> bool:
        """Start `pulumi up`, kill -9 it at its nth provider call, before or after the answer; False if it ended before.

        The journal tells: a record goes to disk before each call and after each answer.
        """
        journal = self.folder / ".state/.pulumi/journals/flowforge" / f"{stack}.journal"
        mark = b'"ends":' if answered else b'"entry":"Began"'
        process = subprocess.Popen(
            [str(COMMANDS / "pulumi"), "--non-interactive", "up", "--yes", "--skip-preview", "--stack", stack],
            cwd=self.folder,
            env=self.variables(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        while process.poll() is None:
            if count_in(journal, mark) >= call:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                return True
        return False

    def changes(self, ran: Ran) -> dict[str, int]:
        """The change summary of a `--json` preview."""
        summary: dict[str, int] = json.loads(ran.out)["changeSummary"]
        return summary

    def events(self, ran: Ran) -> list[dict[str, Any]]:
        """The engine events of a `--json` run."""
        return [json.loads(line) for line in ran.out.splitlines() if line.startswith("{")]

    def resources(self, stack: str) -> list[dict[str, Any]]:
        exported = self.pulumi("stack", "export", "--stack", stack)
        assert exported.code == 0, exported.text
        deployment = json.loads(exported.out)["deployment"]
        assert not deployment.get("pending_operations")
        return list(deployment.get("resources", []))

    def outputs(self, stack: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.pulumi("stack", "output", "--json", "--stack", stack).out)
        return found

    def snowflake(self, **login: Any) -> snowflake.connector.SnowflakeConnection:
        as_admin = {"user": "DEPLOYER", "password": "sandbox", "role": "ACCOUNTADMIN"}
        return snowflake.connector.connect(
            account="FLOWFORGE-SANDBOX",
            host="127.0.0.1",
            port=self.ports["snowflake"],
            protocol="http",
            login_timeout=20,
            network_timeout=30,
            **(login or as_admin),
        )

    def show(self, statement: str) -> list[dict[str, Any]]:
        """Rows of a statement, run as the account's administrator."""
        with self.snowflake() as connection, connection.cursor(snowflake.connector.DictCursor) as cursor:
            return list(cursor.execute(statement).fetchall())

    def aws(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=f"http://127.0.0.1:{self.ports['aws']}",
            region_name="us-east-1",
            aws_access_key_id="sandbox",
            aws_secret_access_key="sandbox",
        )

    def prefect(self) -> httpx.Client:
        return patient_client(f"http://127.0.0.1:{self.ports['prefect']}/api")

    def objects(self, stack: str) -> dict[str, list[str]]:
        """What exists of a stack in every service, told by names that only the stack gives."""
        prefix, slug = f"FLOWFORGE_{stack.upper()}", f"flowforge-{stack}"
        found = {
            kind: sorted(row["name"] for row in self.show(f"SHOW {kind}") if row["name"].startswith(prefix))
            for kind in ("DATABASES", "WAREHOUSES", "ROLES", "USERS", "NETWORK POLICIES", "STORAGE INTEGRATIONS")
        }
        ec2 = self.aws("ec2")
        found["buckets"] = [
            item["Name"] for item in self.aws("s3").list_buckets()["Buckets"] if item["Name"].startswith(slug)
        ]
        found["iam roles"] = [
            item["RoleName"] for item in self.aws("iam").list_roles()["Roles"] if item["RoleName"].startswith(slug)
        ]
        found["secrets"] = [
            item["Name"]
            for item in self.aws("secretsmanager").list_secrets()["SecretList"]
            if item["Name"].startswith(slug)
        ]
        vpcs = [item["VpcId"] for item in ec2.describe_vpcs()["Vpcs"] if not item["IsDefault"]]
        found["vpcs"] = vpcs
        found["vpc endpoints"] = [
            item["VpcEndpointId"] for item in ec2.describe_vpc_endpoints()["VpcEndpoints"] if item["State"] != "deleted"
        ]
        found["subnets"] = [item["SubnetId"] for item in ec2.describe_subnets()["Subnets"] if item["VpcId"] in vpcs]
        found["security groups"] = [
            item["GroupId"]
            for item in ec2.describe_security_groups()["SecurityGroups"]
            if item["VpcId"] in vpcs and item["GroupName"] != "default"
        ]
        found["zones"] = [item["Id"] for item in self.aws("route53").list_hosted_zones()["HostedZones"]]
        with self.prefect() as api:
            for kind, path in (("pools", "work_pools"), ("variables", "variables"), ("blocks", "block_documents")):
                names = [item["name"] or "" for item in api.post(f"/{path}/filter", json={}).json()]
                found[kind] = sorted(name for name in names if name.replace("_", "-").startswith(slug))
            deployments = api.post("/deployments/filter", json={}).json()
            found["deployments"] = sorted(item["name"] for item in deployments if item["name"] == stack)
        return found


def count_in(file: Path, mark: bytes) -> int:
    """How often a mark stands in a file, which may come and go."""
    try:
        return file.read_bytes().count(mark)
    except FileNotFoundError:
        return 0


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on just now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()
