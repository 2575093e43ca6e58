"""Which form does a report take, and where does it go?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from reconciler import errors
from reconciler.cli.report import documents, junit, markdown, sarif
from reconciler.cli.report.markdown import Forge
from reconciler.cli.report.model import Report

_OF_SUFFIX: Final = {".md": "markdown", ".markdown": "markdown", ".json": "json", ".sarif": "sarif", ".xml": "junit"}
# What each forge's build server sets.
_OF_VARIABLE: Final = {"GITLAB_CI": Forge.GITLAB, "TF_BUILD": Forge.AZURE, "BITBUCKET_BUILD_NUMBER": Forge.BITBUCKET}


def forge_of(environment: Mapping[str, str]) -> Forge:
    """The forge whose build server this is; GitHub where none is told."""
    return next((forge for name, forge in _OF_VARIABLE.items() if environment.get(name)), Forge.GITHUB)


def format_of(path: Path) -> str:
    """The form that a file's name asks for.

    Raises:
        UsageError: it asks for none that there is.
    """
    try:
        return _OF_SUFFIX[path.suffix.lower()]
    except KeyError:
        raise errors.UsageError(
            f"--report {path}: the name says no form", hint=f"let it end in {', '.join(sorted(_OF_SUFFIX))}"
        ) from None


def render(
    report: Report, form: str, *, folder: PurePosixPath, program: PurePosixPath, forge: Forge = Forge.NONE
) -> str:
    """The report in one of `wishes.REPORT_FORMATS`.

    Args:
        folder: the project, relative to the repository.
        program: its entry, relative to the folder.
    """
    match form:
        case "markdown":
            return markdown.render([report], forge)
        case "json":
            return documents.render(report)
        case "sarif":
            return sarif.render(report, folder=folder, program=program)
        case _:
            return junit.render(report)


def write(path: Path, text: str) -> None:
    """Write a report's file.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise errors.UsageError(f"--report {path}: {error.strerror}") from error
