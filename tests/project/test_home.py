"""The backend and the stack that a person chose."""

import hashlib
import json
from pathlib import Path

import pytest

from reconciler import errors
from reconciler.project.files import Project
from reconciler.project.home import Home, choose_backend, choose_stack, find_home

URL = "file://~"
DEV = "organization/shop/dev"


def project(**fields):
    return Project(**({"path": Path("/x/Pulumi.yaml"), "name": "shop", "runtime": "python"} | fields))


def workspace(folder):
    digest = hashlib.sha1(b"/x/Pulumi.yaml").hexdigest()
    return folder / "workspaces" / f"shop-{digest}-workspace.json"


def test_a_login_is_kept_where_upstream_keeps_it(tmp_path):
    home = Home(tmp_path)
    assert home.current_backend() == ""

    home.log_in(URL)

    path = tmp_path / "credentials.json"
    assert json.loads(path.read_text()) == {"current": URL, "accounts": {URL: {}}}
    assert path.stat().st_mode & 0o777 == 0o600
    assert Home(tmp_path).current_backend() == URL


def test_tokens_of_other_backends_survive_a_login_and_go_with_the_logout(tmp_path):
    cloud = "https://api.pulumi.com"
    path = tmp_path / "credentials.json"
    account = {"accessToken": "t", "username": "ann"}
    path.write_text(json.dumps({"current": cloud, "accessTokens": {cloud: "t"}, "accounts": {cloud: account}, "x": 1}))
    home = Home(tmp_path)

    home.log_in(URL)
    assert json.loads(path.read_text())["accounts"] == {cloud: account, URL: {}}
    assert home.log_out(cloud)

    assert json.loads(path.read_text()) == {"current": URL, "accessTokens": {}, "accounts": {URL: {}}, "x": 1}
    assert home.log_out()
    assert home.current_backend() == ""
    assert not home.log_out()
    home.log_out_all()
    home.log_out_all()
    assert not path.exists()


def test_a_stack_is_selected_per_project_and_backend(tmp_path):
    home = Home(tmp_path)
    assert home.selected_stack(project(), URL) == ""

    home.select_stack(project(), URL, DEV)

    assert json.loads(workspace(tmp_path).read_text()) == {"stack": DEV, "stacks": {URL: DEV}}
    assert home.selected_stack(project(), URL) == DEV
    assert home.selected_stack(project(name="other"), URL) == ""
    home.select_stack(project(), URL, "")
    assert home.selected_stack(project(), URL) == ""


def test_the_selection_of_older_tools_is_read(tmp_path):
    path = workspace(tmp_path)
    path.parent.mkdir()
    path.write_text(json.dumps({"stack": DEV, "x": 1}))
    home = Home(tmp_path)

    assert home.selected_stack(project(), URL) == DEV
    home.select_stack(project(), URL, "organization/shop/prod")

    assert json.loads(path.read_text())["x"] == 1


@pytest.mark.parametrize("content", [b"{", b"\xff", b"[" * 100_000])
def test_a_damaged_file_is_named(tmp_path, content):
    (tmp_path / "credentials.json").write_bytes(content)

    with pytest.raises(errors.ProjectError) as caught:
        Home(tmp_path).current_backend()

    assert caught.value.file == str(tmp_path / "credentials.json")


def test_the_environment_names_the_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))

    assert find_home({}).folder == tmp_path / ".pulumi"
    assert find_home({"PULUMI_HOME": "~/p"}).folder == tmp_path / "p"
    home = find_home({"PULUMI_HOME": "/p", "PULUMI_CREDENTIALS_PATH": str(tmp_path / "c")})
    home.log_in(URL)
    assert (tmp_path / "c" / "credentials.json").exists()


def test_the_backend_is_chosen_in_upstreams_order(tmp_path):
    home = Home(tmp_path)
    with pytest.raises(errors.BackendError) as caught:
        choose_backend({}, project(), home)
    assert "pulumi login file://" in caught.value.hint

    home.log_in("file:///login")

    assert choose_backend({}, None, home) == "file:///login"
    assert choose_backend({}, project(backend_url="file:///project"), home) == "file:///project"
    environment = {"PULUMI_BACKEND_URL": "file:///environment"}
    assert choose_backend(environment, project(backend_url="file:///project"), home) == "file:///environment"


def test_a_relative_backend_of_a_project_is_relative_to_the_project(tmp_path):
    assert choose_backend({}, project(backend_url="file://./state"), Home(tmp_path)) == "file:///x/state"


def test_the_stack_is_chosen_in_upstreams_order(tmp_path):
    home = Home(tmp_path)
    with pytest.raises(errors.UsageError):
        choose_stack({}, project(), URL, home, "")

    home.select_stack(project(), URL, DEV)

    assert choose_stack({}, project(), URL, home, "") == DEV
    assert choose_stack({"PULUMI_STACK": "prod"}, project(), URL, home, "") == "prod"
    assert choose_stack({"PULUMI_STACK": "prod"}, project(), URL, home, "named") == "named"
