"""Config keys, `namespace:name`, and the paths that may follow them."""

from __future__ import annotations

from reconciler import errors
from reconciler.model.paths import Path, Wildcard, parse_path


def parse_key(text: str, project: str) -> str:
    """The full key that a person or a file means.

    >>> parse_key("size", "shop"), parse_key("aws:config:region", "shop")
    ('shop:size', 'aws:region')

    Raises:
        UsageError: too many parts, or an empty one.
    """
    parts = text.split(":")
    if len(parts) == 3 and parts[1] == "config":
        parts = [parts[0], parts[2]]
    if len(parts) == 1:
        parts = [project, *parts]
    if len(parts) != 2 or not all(parts):
        raise errors.UsageError(f"{text!r} is not a config key", hint="write `name` or `namespace:name`")
    return ":".join(parts)


def parse_key_path(text: str, project: str) -> tuple[str, Path]:
    """The full key, and the path inside its value, of what `--path` takes.

    >>> parse_key_path("tags[0].name", "shop")
    ('shop:tags', (0, 'name'))

    Raises:
        UsageError: it is not a path, starts with an index, or has a wildcard.
    """
    namespace, separator, rest = _split_namespace(text)
    try:
        path = parse_path(rest)
    except ValueError as error:
        raise errors.UsageError(f"{text!r} is not a config path: {error}") from error
    first = path[0]
    if not isinstance(first, str):
        raise errors.UsageError(f"{text!r} is not a config path: it must begin with a key")
    if any(isinstance(step, Wildcard) for step in path):
        raise errors.UsageError(f"{text!r} has a wildcard; name one place")
    return parse_key(f"{namespace}{separator}{first}", project), path[1:]


def short_key(key: str, project: str) -> str:
    """The key as people of that project say it.

    >>> short_key("shop:size", "shop"), short_key("aws:region", "shop")
    ('size', 'aws:region')
    """
    return key.removeprefix(f"{project}:")


def _split_namespace(text: str) -> tuple[str, str, str]:
    # A colon after the first of these belongs to a key inside the value.
    end = min((at for at in (text.find("."), text.find("["), text.find('"')) if at >= 0), default=len(text))
    namespace, separator, name = text[:end].rpartition(":")
    return namespace, separator, name + text[end:]
