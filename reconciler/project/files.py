"""Pulumi.yaml: where it is, and what it says.

Source: facts/engine-contract.md §1.10.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from reconciler import errors
from reconciler.project.declarations import Declaration, parse_declarations
from reconciler.project.documents import Document, plain_map, read_document

EXTENSIONS: Final = (".yaml", ".yml", ".json")
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_KNOWN: Final = frozenset(
    {"name", "runtime", "main", "description", "author", "website", "license", "config", "stackConfigDir", "backend"}
    | {"options", "template", "plugins", "packages", "requiredPulumiVersion"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginSource:
    """A plugin that the project names. `kind` is `providers`, `languages` or `analyzers`."""

    kind: str
    name: str
    version: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One Pulumi.yaml.

    Attributes:
        path: of the file.
        main: folder or file of the program, relative to the file's folder; "" is that folder.
        config: full key -> what is declared of it.
        stack_config_dir: where the stacks' config files are, relative to the file's folder.
        backend_url: "" where the login decides.
        refreshes: must every preview, up and destroy refresh first?
        plugins: the file's own, and the packages that have their source in a folder beside it.
        packages, template: as in the file.
        extra: keys that we do not know.
    """

    path: Path
    name: str
    runtime: str
    runtime_options: Mapping[str, object] = field(default_factory=dict)
    main: str = ""
    description: str = ""
    author: str = ""
    website: str = ""
    license: str = ""
    config: Mapping[str, Declaration] = field(default_factory=dict)
    stack_config_dir: str = ""
    backend_url: str = ""
    refreshes: bool = False
    plugins: tuple[PluginSource, ...] = ()
    packages: Mapping[str, object] = field(default_factory=dict)
    template: Mapping[str, object] = field(default_factory=dict)
    required_version: str = ""
    extra: Mapping[str, object] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Where the project file is."""
        return self.path.parent

    @property
    def program(self) -> Path:
        """The folder or file to run."""
        return self.folder / self.main

    def stack_file(self, stack: str) -> Path:
        """Where the config of a stack is, by the stack's name.

        >>> Project(path=Path("/x/Pulumi.yaml"), name="shop", runtime="python").stack_file("team/dev").name
        'Pulumi.team-dev.yaml'
        """
        return self.folder / self.stack_config_dir / f"Pulumi.{stack.replace('/', '-')}{self.path.suffix}"


def find_project_file(start: Path) -> Path | None:
    """The nearest project file, from a folder upwards."""
    for folder in (start.absolute(), *start.absolute().parents):
        for extension in EXTENSIONS:
            path = folder / f"Pulumi{extension}"
            if path.is_file():
                return path
    return None


def read_project(start: Path) -> Project:
    """The project that a folder belongs to.

    Raises:
        ProjectError: there is none, or its file is not right.
    """
    path = find_project_file(start)
    if path is None:
        raise errors.ProjectError(
            f"no Pulumi.yaml project file found (searching upwards from {start.absolute()})",
            hint="change to a project's folder, or name it with --cwd",
        )
    return parse_project(read_document(path))


def parse_project(document: Document) -> Project:
    """What a project file says.

    Raises:
        ProjectError: a key is missing or has the wrong type; it names file and key.
    """
    path = document.path
    data = plain_map(document.data)
    name = _text(path, data, "name")
    if not _NAME.fullmatch(name):
        detail = "expected 1 to 100 letters, digits, underscores, hyphens or periods" if name else "it is required"
        raise errors.ProjectError(detail, file=str(path), key="name")
    runtime, runtime_options = _runtime(path, data.get("runtime"))
    config = data.get("config")
    # A text there is how old files name the folder of the stack files.
    legacy_folder = config if isinstance(config, str) else ""
    declared = {} if isinstance(config, str) else _object(path, data, "config")
    return Project(
        path=path,
        name=name,
        runtime=runtime,
        runtime_options=runtime_options,
        main=_text(path, data, "main"),
        description=_text(path, data, "description"),
        author=_text(path, data, "author"),
        website=_text(path, data, "website"),
        license=_text(path, data, "license"),
        config=parse_declarations(path, name, declared),
        stack_config_dir=_text(path, data, "stackConfigDir") or legacy_folder,
        backend_url=_text(path, _object(path, data, "backend"), "url"),
        refreshes=_object(path, data, "options").get("refresh") == "always",
        plugins=(
            *_plugins(path, _object(path, data, "plugins")),
            *_local_packages(path, _object(path, data, "packages")),
        ),
        packages=_object(path, data, "packages"),
        template=_object(path, data, "template"),
        required_version=_text(path, data, "requiredPulumiVersion"),
        extra={key: value for key, value in data.items() if key not in _KNOWN},
    )


def _runtime(path: Path, value: object) -> tuple[str, Mapping[str, object]]:
    if isinstance(value, str) and value:
        return value, {}
    if isinstance(value, dict) and isinstance(value.get("name"), str):
        return str(value["name"]), _object(path, value, "options")
    detail = "it is required" if value is None else "expected a name, or a mapping with `name` and `options`"
    raise errors.ProjectError(detail, file=str(path), key="runtime")


def _plugins(path: Path, data: Mapping[str, object]) -> tuple[PluginSource, ...]:
    plugins: list[PluginSource] = []
    for kind in ("providers", "languages", "analyzers"):
        items = data.get(kind, [])
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise errors.ProjectError("expected a list of mappings", file=str(path), key=f"plugins.{kind}")
        for item in items:
            name, version, place = (_text(path, item, key) for key in ("name", "version", "path"))
            plugins.append(PluginSource(kind=kind, name=name, version=version, path=place))
    return tuple(plugins)


def _local_packages(path: Path, data: Mapping[str, object]) -> Iterator[PluginSource]:
    """The plugins of packages that `pulumi package add` found in a folder; others are found as any plugin is.

    Source: pulumi/pulumi#18917.
    """
    for name, value in data.items():
        package = value if isinstance(value, dict) else {"source": value}
        source = _text(path, package, "source")
        if source.startswith(("./", "..", "/")) or source == ".":
            # With parameters the plugin serves a package of another name than its own.
            own_name = Path(source).name.removeprefix("pulumi-resource-") if package.get("parameters") else name
            yield PluginSource(kind="providers", name=own_name, path=source)


def _text(path: Path, data: Mapping[str, object], key: str) -> str:
    value = data.get(key)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise errors.ProjectError("expected a text", file=str(path), key=key)
    return str(value)


def _object(path: Path, data: Mapping[str, object], key: str) -> dict[str, object]:
    value = data.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise errors.ProjectError("expected a mapping", file=str(path), key=key)
    return value
