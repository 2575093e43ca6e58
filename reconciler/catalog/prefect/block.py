"""Block documents: named settings and credentials of a registered type, encrypted at rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from reconciler.catalog import rest, spec
from reconciler.model import values
from reconciler.model.values import PropertyMap, Value

MASK: Final = "********"


def _problems(inputs: PropertyMap) -> tuple[tuple[str, str], ...]:
    data = values.reveal(inputs.get("data"))
    if any(part == MASK for part in values.walk(data)):
        return (("data", "holds Prefect's mask `********` where a secret belongs; give the secret itself"),)
    return tuple(
        ("data", f"`{path}`: expected a `$ref` of exactly `block_document_id`") for path in _bad_references(data)
    )


def _bad_references(data: Value) -> Iterator[str]:
    if not isinstance(data, Mapping):
        return
    for key, item in data.items():
        if isinstance(item, Mapping) and "$ref" in item:
            target = item["$ref"]
            if len(item) != 1 or not isinstance(target, Mapping) or set(target) != {"block_document_id"}:
                yield key


def restore_references(answer: Mapping[str, object]) -> Mapping[str, object]:
    """The live object with references as they were written.

    The server answers with the referenced document's data in their place,
    secrets and all, and names the document apart (facts/prefect-provider.md §5.6).
    """
    data = dict(answer["data"]) if isinstance(answer.get("data"), Mapping) else {}  # type: ignore[call-overload]  # JSON
    references = answer.get("block_document_references")
    for key, reference in references.items() if isinstance(references, Mapping) else ():
        document = reference.get("block_document") if isinstance(reference, Mapping) else None
        if isinstance(document, Mapping):
            data[key] = {"$ref": {"block_document_id": document["id"]}}
    block_type = answer.get("block_type")
    slug = block_type.get("slug") if isinstance(block_type, Mapping) else None
    return {**answer, "data": data, "type_slug": slug}


BLOCK = rest.RestKind(
    token="prefect:index/block:Block",
    words="block document",
    source="Prefect REST API 3.8: block documents",
    doc=(
        "A block document: named settings and credentials of a registered block type. `data` is always secret. Refer to"
        ' another block with `{"$ref": {"block_document_id": other.block_document_id}}`.'
    ),
    collection="/block_documents/",
    item="/block_documents/{blockDocumentId}",
    lookup="/block_types/slug/{typeSlug}/block_documents/name/{name}",
    key=("typeSlug", "name"),
    uuid="blockDocumentId",
    identity="{typeSlug}/{name}",
    fields=(
        spec.Field(
            "typeSlug",
            spec.Text(min_length=1),
            required=True,
            change=spec.Change.REPLACE,
            doc="The block type: `secret`, `snowflake-connector`, `snowflake-credentials`, `s3-bucket` and so on.",
        ),
        spec.Field(
            "name",
            spec.Text(min_length=1, max_length=256, pattern=r"[a-z0-9-]+", expects="lowercase letters, digits and -"),
            required=True,
            change=spec.Change.REPLACE,
            doc="The document's name, unique in its type: lowercase letters, digits and `-`.",
        ),
        spec.Field(
            "data",
            spec.MapOf(spec.Json()),
            required=True,
            secret=True,
            doc="The block's fields, as its type spells them. Fields that are left out are removed.",
        ),
        rest.ADOPT,
    ),
    outputs=(
        spec.Output("blockDocumentId", shown_as="id", doc="The document's UUID, for a `$ref` in another block's data."),
        spec.Output("blockSchemaId", doc="The UUID of the schema that it was written for."),
    ),
    live=restore_references,
    check=_problems,
)
