"""The generated SDK: up to date, and what it sends is what the provider's kinds take."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import json

import pulumi
import pulumi_prefect as prefect
import pytest
from pulumi.runtime import mocks

from reconciler.catalog import index, spec
from sdks import generate


class Monitor(mocks.Mocks):
    """The SDK's own in-process monitor: records what each registration sends."""

    def __init__(self):
        self.sent = {}

    def new_resource(self, args):
        self.sent[args.name] = args.inputs
        return f"{args.name}-id", args.inputs | {"poolId": "pool-uuid", "flowId": "flow-uuid"}

    def call(self, args):
        return {}


class Quiet(mocks.MockMonitor):
    """The SDK's test monitor; the event loop that it needs on each calling thread is closed again."""

    def RegisterResource(self, request):
        with own_loop():
            return super().RegisterResource(request)


@contextlib.contextmanager
def own_loop():
    """An event loop for this thread, as long as it is needed."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        yield
    finally:
        asyncio.set_event_loop(None)
        loop.close()


@pytest.fixture
def run():
    """Run a program against the SDK; returns what it sent, by resource name."""

    def run_program(program):
        sent = Monitor()

        def inside():
            mocks.set_mocks(sent, project="test", stack="dev", monitor=Quiet(sent))
            pulumi.runtime.test(program)()

        # The SDK keeps its settings in the context.
        contextvars.copy_context().run(inside)
        return sent.sent

    with own_loop():
        yield run_program


def test_the_generated_files_are_what_the_catalogue_says():
    assert generate.main(["--check"]) == 0


def test_a_deployment_is_sent_in_wire_names_down_to_its_schedules(run):
    def program():
        pool = prefect.WorkPool("pool", name="flows", type="process", concurrency_limit=2)
        flow = prefect.Flow("flow", name="load")
        prefect.Deployment(
            "load",
            name="dev",
            flow_id=flow.flow_id,
            work_pool_name=pool.name,
            work_pool_id=pool.pool_id,
            parameters={"raw_database": "RAW_DEV", "row_limit": 5},
            job_variables={"env": {"MY_VAR": "x"}},
            pull_steps=[{"prefect.deployments.steps.set_working_directory": {"directory": "."}}],
            schedules=[
                prefect.DeploymentScheduleArgs(cron="@daily", day_or=True),
                {"interval": 60, "max_scheduled_runs": 1},
            ],
            concurrency_limit=1,
            concurrency_options={"collision_strategy": "CANCEL_NEW"},
        )

    sent = run(program)

    assert sent["load"] == {
        "name": "dev",
        "flowId": "flow-uuid",
        "workPoolName": "flows",
        "workPoolId": "pool-uuid",
        "parameters": {"raw_database": "RAW_DEV", "row_limit": 5},
        "jobVariables": {"env": {"MY_VAR": "x"}},
        "pullSteps": [{"prefect.deployments.steps.set_working_directory": {"directory": "."}}],
        "schedules": [{"cron": "@daily", "dayOr": True}, {"interval": 60, "maxScheduledRuns": 1}],
        "concurrencyLimit": 1,
        "concurrencyOptions": {"collisionStrategy": "CANCEL_NEW"},
    }


def test_the_data_of_a_block_is_secret_without_saying_so(run):
    secret = []

    def program():
        block = prefect.Block("block", type_slug="secret", name="a", data={"value": "hunter2"})
        return pulumi.Output.from_input(block.data.is_secret()).apply(secret.append)

    run(program)

    assert secret == [True]


def test_an_explicit_provider_sends_its_settings_as_text(run):
    def program():
        provider = prefect.Provider("cloud", api_url="http://x/api", api_key="k", custom_headers={"x-team": "data"})
        prefect.Variable("v", name="a", value=1, opts=pulumi.ResourceOptions(provider=provider))

    sent = run(program)["cloud"]

    # On the wire a secret is an object with its value and Pulumi's mark.
    assert (sent["apiUrl"], sent["apiKey"]["value"]) == ("http://x/api", "k")
    assert json.loads(sent["customHeaders"]["value"]) == {"x-team": "data"}


def test_arguments_may_come_as_one_object(run):
    def program():
        prefect.WorkPool("pool", prefect.WorkPoolArgs(name="flows", type="process", is_paused=True))

    assert run(program)["pool"] == {"name": "flows", "type": "process", "isPaused": True}


def test_a_missing_required_argument_is_named(run):
    with pytest.raises(TypeError, match="Missing required property 'type'"):
        prefect.WorkPool("pool", name="flows")


def test_every_kind_and_every_field_has_its_argument_and_its_documentation():
    for token, kind in index.kinds("prefect").items():
        arguments = getattr(prefect, f"{token.rpartition(':')[2]}Args")
        for field in kind.fields:
            assert isinstance(getattr(arguments, spec.snake(field.name)), property), (token, field.name)
            assert field.doc, (token, field.name)


def test_the_plugin_file_names_the_provider():
    described = json.loads((generate.FOLDER / "pulumi_prefect" / "pulumi-plugin.json").read_text())

    assert described == {"resource": True, "name": "prefect", "version": generate.VERSION}
