"""The sandbox's Prefect server: really Prefect, really ours, and its scheduler schedules."""

from __future__ import annotations

import time

import httpx
import pytest

from reconciler import errors
from reconciler.sandbox import children
from reconciler.sandbox.prefect.server import PrefectServer, ensure_template
from tests.prefect_server import patient_client, prefect_server, template_dir  # noqa: F401 fixture

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def full_server(tmp_path):
    """A server with everything on, as the sandbox runs it."""
    server = PrefectServer(tmp_path / "server", template_dir=template_dir())
    server.start()
    yield server
    server.stop()


def test_a_schedule_yields_runs_and_the_web_interface_is_served_from_the_wheel(full_server):
    with patient_client(full_server.url) as api:
        flow = api.post("/flows/", json={"name": "tick"}).json()
        deployment = {
            "name": "tick",
            "flow_id": flow["id"],
            "enforce_parameter_schema": False,
            "schedules": [{"schedule": {"cron": "*/5 * * * *"}, "slug": "s"}],
        }
        made = api.post("/deployments/", json=deployment)
        assert made.status_code == 201, made.text
        # With an SQLAlchemy that is too new the server looks healthy, and plans nothing for ever.
        deadline = time.monotonic() + 60
        while not api.post("/flow_runs/filter", json={"limit": 5}).json():
            assert time.monotonic() < deadline, full_server.log.read_text()
            time.sleep(0.2)

        page = api.get(f"{full_server.ui_url}/", follow_redirects=True)
        assert "<!DOCTYPE html>" in page.text
        script = next(part for part in page.text.split('"') if part.endswith(".js"))
        assert api.get(f"{full_server.ui_url}{script}").status_code == 200
        assert api.get(f"{full_server.ui_url}/ui-settings").json()["api_url"] == full_server.url


def test_a_stopped_server_keeps_its_state_and_its_port_is_free(tmp_path):
    server = PrefectServer(tmp_path / "server", template_dir=template_dir(), services=False, ui=False)
    server.start()
    identity = children.find_identity(server.pid)
    httpx.post(f"{server.url}/variables/", json={"name": "kept", "value": 1}, trust_env=False).raise_for_status()
    assert server.counters()["requests"] > 0

    server.stop()
    server.stop()

    assert not children.is_alive(identity)
    assert not server.is_alive()
    server.start()
    try:
        assert httpx.get(f"{server.url}/variables/name/kept", trust_env=False).json()["value"] == 1
    finally:
        server.stop()


def test_another_server_on_the_port_is_not_mistaken_for_ours(prefect_server, tmp_path):  # noqa: F811 fixture
    second = PrefectServer(tmp_path / "server", prefect_server.port, template_dir=template_dir())

    with pytest.raises(errors.SandboxError) as caught:
        second.start()

    assert f"port {prefect_server.port} is taken" in caught.value.detail
    # A server that answers, and does not know our token, is not ours.
    assert httpx.get(f"{prefect_server.ui_url}/flowforge", trust_env=False).json()["service"] == "prefect"


def test_the_blocks_that_the_platform_needs_are_registered_offline(prefect_server):  # noqa: F811 fixture
    found = httpx.post(f"{prefect_server.url}/block_types/filter", json={"limit": 200}, trust_env=False).json()

    assert {"secret", "snowflake-connector", "snowflake-credentials", "aws-credentials"} <= {
        block_type["slug"] for block_type in found
    }


def test_the_template_is_made_once():
    first = ensure_template(template_dir())
    made_at = first.stat().st_mtime_ns

    assert ensure_template(template_dir()).stat().st_mtime_ns == made_at
