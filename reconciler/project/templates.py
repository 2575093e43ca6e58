"""Templates of projects: folders with a Pulumi.yaml that `pulumi new` copies.

`${PROJECT}` and `${DESCRIPTION}` are filled in wherever they stand.

Source: facts/engine-contract.md §9.2; Pulumi docs, "Project templates".
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from reconciler import errors
from reconciler.project.documents import parse_document, read_document, write_text

FILE: Final = "Pulumi.yaml"
BUILT_IN: Final = Path(__file__).parents[1] / "templates"
EMPTY: Final[Mapping[str, str]] = {}
_SKIPPED: Final = frozenset({".git", "__pycache__", ".venv", "venv", "node_modules", ".pulumi.template.yaml"})
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A config key that a template asks for."""

    key: str
    description: str = ""
    default: str = ""
    secret: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A folder to copy."""

    folder: Path
    name: str
    description: str = ""
    questions: tuple[Question, ...] = ()
    files: tuple[Path, ...] = field(default_factory=tuple)


def built_in() -> tuple[Template, ...]:
    """The templates that come with this version."""
    return tuple(read_template(folder) for folder in sorted(BUILT_IN.iterdir()) if (folder / FILE).is_file())


def find_template(named: str) -> Template:
    """A folder, or one of the built-in templates by its name.

    Raises:
        ProjectError: it is neither.
    """
    folder = Path(named).expanduser()
    if (folder / FILE).is_file():
        return read_template(folder)
    if _NAME.fullmatch(named) and (BUILT_IN / named / FILE).is_file():
        return read_template(BUILT_IN / named)
    known = ", ".join(template.name for template in built_in())
    raise errors.ProjectError(
        f"{named!r} is no folder with a {FILE} and no template of this version",
        hint=f"name a folder, or one of: {known}; templates are not downloaded",
    )


def read_template(folder: Path) -> Template:
    """What a template's folder holds.

    Raises:
        ProjectError: its project file is not right.
    """
    document = read_document(folder / FILE)
    section = document.data.get("template")
    told: Mapping[str, object] = section if isinstance(section, Mapping) else {}
    asked = told.get("config")
    return Template(
        folder=folder,
        name=folder.resolve().name,
        description=str(told.get("description") or document.data.get("description") or ""),
        questions=tuple(map(_question, asked, asked.values())) if isinstance(asked, Mapping) else (),
        files=tuple(_files(folder)),
    )


def copy_template(
    template: Template,
    target: Path,
    *,
    project: str,
    description: str,
    runtime_options: Mapping[str, str] = EMPTY,
) -> None:
    """Write a template's files, filled in, into a folder.

    Args:
        runtime_options: become, or replace, the project's `runtime.options` of these names.

    Raises:
        ProjectError: a file would be overwritten by a folder, or the system refuses.
    """
    filled = {"${PROJECT}": project, "${DESCRIPTION}": description}
    for source in template.files:
        place = target / source.relative_to(template.folder)
        try:
            content = source.read_bytes()
            text = content.decode()
        except UnicodeDecodeError:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
            continue
        except OSError as error:
            raise errors.ProjectError(f"{source}: {error.strerror}") from error
        for mark, value in filled.items():
            text = text.replace(mark, value)
        if place == target / FILE:
            text = _project_text(place, text, project, description, runtime_options)
        write_text(place, text)
        place.chmod(0o644 | (source.stat().st_mode & 0o111))


def _project_text(place: Path, text: str, project: str, description: str, runtime_options: Mapping[str, str]) -> str:
    """The project file: named, and no template any more."""
    document = parse_document(place, text)
    document.data["name"] = project
    if description:
        document.data["description"] = description
    document.data.pop("template", None)
    if runtime_options:
        runtime = document.data.get("runtime")
        about = dict(runtime) if isinstance(runtime, Mapping) else {"name": runtime}
        options = about.get("options")
        known = dict(options) if isinstance(options, Mapping) else {}
        document.data["runtime"] = about | {"options": known | dict(runtime_options)}
    return document.render()


def _files(folder: Path) -> Iterator[Path]:
    for path, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED)
        yield from (Path(path) / name for name in sorted(files) if name not in _SKIPPED)


def _question(key: object, told: object) -> Question:
    about: Mapping[str, object] = told if isinstance(told, Mapping) else {"default": told}
    default = about.get("default")
    return Question(
        key=str(key),
        description=str(about.get("description") or ""),
        default="" if default is None else str(default),
        secret=bool(about.get("secret")),
    )
