"""Buckets, and the settings of a bucket that are resources of their own."""

from __future__ import annotations

from typing import Final

from reconciler import errors
from reconciler.catalog import calls, spec
from reconciler.catalog.aws.fields import ARN, OPERATION_TAG, REGION, TAGS, TAGS_ALL, marked, partition
from reconciler.catalog.calls import Call, CallKind, Course, Refusal, Task
from reconciler.catalog.spec import Change, Field, Output
from reconciler.model.values import PropertyMap, Value

_NO_BUCKET: Final = (Refusal("NoSuchBucket"), Refusal("404"))
_ABORTED: Final = (Refusal("OperationAborted"),)
_FRESH: Final = (Refusal("NoSuchBucket"), Refusal("OperationAborted"))

# Source: AWS General Reference, Amazon S3 website endpoints.
_HOSTED_ZONES: Final = {
    "af-south-1": "Z83WF9RJE8B12",
    "ap-east-1": "ZNB98KWMFR0R6",
    "ap-northeast-1": "Z2M4EHUR26P7ZW",
    "ap-northeast-2": "Z3W03O7B5YMIYP",
    "ap-northeast-3": "Z2YQB5RD63NC85",
    "ap-south-1": "Z11RGJOFQNVJUP",
    "ap-south-2": "Z02976202B4EZMXIPMXF7",
    "ap-southeast-1": "Z3O0J2DXBE1FTB",
    "ap-southeast-2": "Z1WCIGYICN2BYD",
    "ap-southeast-3": "Z01846753K324LI26A3VV",
    "ap-southeast-4": "Z0312387243XT5FE14WFO",
    "ca-central-1": "Z1QDHH18159H29",
    "ca-west-1": "Z03565811Z33SLEZTHOUL",
    "cn-north-1": "Z5CN8UMXT92WN",
    "cn-northwest-1": "Z282HJ1KT0DH03",
    "eu-central-1": "Z21DNDUVLTQW6Q",
    "eu-central-2": "Z030506016YDQGETNASS",
    "eu-north-1": "Z3BAZG2TWCNX0D",
    "eu-south-1": "Z30OZKI7KPW7MI",
    "eu-south-2": "Z0081959F7139GRJC19J",
    "eu-west-1": "Z1BKCTXD74EZPE",
    "eu-west-2": "Z3GKZC51ZF0DB4",
    "eu-west-3": "Z3R1K369G5AVDG",
    "il-central-1": "Z09640613K4A3MN55U7GU",
    "me-central-1": "Z06143092I8HRXZRUZROF",
    "me-south-1": "Z1MPMWCPA7YB62",
    "sa-east-1": "Z7KQH4QJS55SO",
    "us-east-1": "Z3AQBSTGFYJSTF",
    "us-east-2": "Z2O1EMRO9K5GLX",
    "us-gov-east-1": "Z2NIFVYYW2VKV1",
    "us-gov-west-1": "Z31GFT0UA1I2HV",
    "us-west-1": "Z2F56UZL2M1ACD",
    "us-west-2": "Z3BJ6K6RIION7M",
}


def _call(
    method: str,
    arguments: PropertyMap,
    *,
    once: bool = False,
    absent: tuple[Refusal, ...] = (),
    retry: tuple[Refusal, ...] = (),
) -> Call:
    return Call(service="s3", method=method, arguments=arguments, once=once, absent=absent, retry=retry)


_BUCKET_NAME = spec.Text(
    min_length=3,
    max_length=63,
    pattern=r"[a-z0-9][a-z0-9.-]*[a-z0-9]",
    expects="a bucket name: 3 to 63 lower-case letters, digits, dots and hyphens",
)
_BUCKET_FIELDS = (
    Field("bucket", _BUCKET_NAME, change=Change.REPLACE),
    Field("objectLockEnabled", spec.FLAG, default=False, change=Change.REPLACE),
    Field("forceDestroy", spec.FLAG, default=False, shown_as=None),
    TAGS,
    REGION,
)


def _bucket_make(task: Task) -> Course[str]:
    name = calls.text(task.inputs, "bucket")
    configuration: dict[str, Value] = {}
    if task.region != "us-east-1":
        configuration["LocationConstraint"] = task.region
    tags = marked(task.tags, task.operation)
    if tags:
        configuration["Tags"] = calls.tag_list(tags)
    arguments: dict[str, Value] = {"Bucket": name}
    if configuration:
        arguments["CreateBucketConfiguration"] = configuration
    if str(task.inputs.get("objectLockEnabled")).lower() == "true":
        arguments["ObjectLockEnabledForBucket"] = True
    # In us-east-1 creating one's own bucket again succeeds silently, so look first.
    if (yield from _bucket_exists(name)):
        raise errors.PermanentError(
            f"a bucket named {name} exists already in this account",
            code="BucketAlreadyOwnedByYou",
            hint=f"`pulumi import aws:s3/bucket:Bucket NAME {name}` manages it as it is; or name another",
        )
    yield from calls.ask(_call("create_bucket", arguments, once=True, retry=_ABORTED))
    return name


def _bucket_exists(name: str) -> Course[bool]:
    return (yield from calls.look(_call("head_bucket", {"Bucket": name}, absent=_NO_BUCKET))) is not None


def _bucket_read(task: Task) -> Course[PropertyMap | None]:
    name = task.id
    head = yield from calls.look(_call("head_bucket", {"Bucket": name}, absent=_NO_BUCKET))
    if head is None:
        return None
    region = calls.text(head, "BucketRegion") or task.region
    lock = yield from calls.look(
        _call(
            "get_object_lock_configuration",
            {"Bucket": name},
            absent=(Refusal("ObjectLockConfigurationNotFoundError"), *_NO_BUCKET),
        )
    )
    suffix = "amazonaws.com.cn" if partition(region) == "aws-cn" else "amazonaws.com"
    return {
        "bucket": name,
        "objectLockEnabled": calls.text(lock, "ObjectLockConfiguration", "ObjectLockEnabled") == "Enabled",
        "arn": f"arn:{partition(region)}:s3:::{name}",
        "bucketDomainName": f"{name}.s3.{suffix}",
        "bucketRegion": region,
        "bucketRegionalDomainName": f"{name}.s3.{region}.{suffix}",
        "hostedZoneId": _HOSTED_ZONES.get(region),
        "tagsAll": (yield from _bucket_tags(name)),
    }


def _bucket_tags(name: str) -> Course[dict[str, Value]]:
    answer = yield from calls.ask(
        _call("get_bucket_tagging", {"Bucket": name}, absent=(Refusal("NoSuchTagSet"), *_NO_BUCKET))
    )
    return calls.tag_map(calls.rows(answer, "TagSet"))


def _bucket_update(task: Task) -> Course[None]:
    if not calls.tags_to_set(task) and not calls.tags_to_remove(task):
        return
    # The call takes the whole set: keep the mark, which is not in the wanted tags.
    operation = calls.text((yield from _bucket_tags(task.id)), OPERATION_TAG)
    wanted = marked(task.tags, operation)
    if wanted:
        tagging: PropertyMap = {"Bucket": task.id, "Tagging": {"TagSet": calls.tag_list(wanted)}}
        yield from calls.ask(_call("put_bucket_tagging", tagging, retry=_FRESH))
    else:
        yield from calls.ask(_call("delete_bucket_tagging", {"Bucket": task.id}))


def _bucket_delete(task: Task) -> Course[None]:
    if str(task.inputs.get("forceDestroy")).lower() == "true":
        yield from _empty_bucket(task.id)
    yield from calls.ask(_call("delete_bucket", {"Bucket": task.id}, absent=_NO_BUCKET, retry=_ABORTED))


def _empty_bucket(name: str) -> Course[None]:
    """Delete every version and delete marker, a thousand a call."""
    while True:
        listed = yield from calls.ask(
            _call("list_object_versions", {"Bucket": name, "MaxKeys": 1000}, absent=_NO_BUCKET)
        )
        found = (*calls.rows(listed, "Versions"), *calls.rows(listed, "DeleteMarkers"))
        if not found:
            return
        objects = tuple({"Key": row["Key"], "VersionId": row["VersionId"]} for row in found)
        answer = yield from calls.ask(
            _call("delete_objects", {"Bucket": name, "Delete": {"Objects": objects, "Quiet": True}})
        )
        refused = calls.rows(answer, "Errors")
        if refused:
            first = refused[0]
            raise errors.PermanentError(
                f"{len(refused)} object(s) of {name} cannot be deleted; {calls.text(first, 'Key')}: "
                f"{calls.text(first, 'Message')}",
                code=calls.text(first, "Code"),
            )


def _bucket_find(task: Task) -> Course[str]:
    """The bucket of the wanted name when it carries the operation's mark; one without it is somebody else's."""
    name = calls.text(task.inputs, "bucket")
    tags = yield from _bucket_tags(name)
    return name if calls.text(tags, OPERATION_TAG) == task.operation else ""


BUCKET = CallKind(
    token="aws:s3/bucket:Bucket",
    service="s3",
    source="Amazon S3 API Reference: CreateBucket, HeadBucket, PutBucketTagging, DeleteBucket",
    fields=_BUCKET_FIELDS,
    outputs=(
        ARN,
        Output("bucketDomainName"),
        Output("bucketRegion"),
        Output("bucketRegionalDomainName"),
        Output("hostedZoneId"),
        TAGS_ALL,
    ),
    autoname=spec.AutoName("bucket", max_length=63, lower=True),
    make=_bucket_make,
    read=_bucket_read,
    update=_bucket_update,
    delete=_bucket_delete,
    find=_bucket_find,
    elsewhere=(
        "accelerationStatus",
        "acl",
        "bucketNamespace",
        "bucketPrefix",
        "corsRules",
        "grants",
        "lifecycleRules",
        "logging",
        "objectLockConfiguration",
        "policy",
        "replicationConfiguration",
        "requestPayer",
        "serverSideEncryptionConfiguration",
        "versioning",
        "website",
    ),
)


_BUCKET_REF = Field("bucket", spec.Ref("BUCKET"), required=True, change=Change.REPLACE)


def _setting(
    token: str,
    *,
    fields: tuple[Field, ...],
    noun: str,
    document: str,
    none: str,
    elsewhere: tuple[str, ...] = (),
) -> CallKind:
    """A kind that is one document of a bucket: put, got and deleted as a whole, its id the bucket's name.

    Args:
        noun: of the methods `put_…`, `get_…`, `delete_…`.
        document: the argument and the key of the answer that hold the document.
        none: the code that says that the bucket has no such document.
    """

    def put(task: Task) -> Course[str]:
        name = calls.text(task.inputs, "bucket")
        wanted: PropertyMap = {"Bucket": name, document: calls.sent(fields, task.inputs)}
        yield from calls.ask(_call(f"put_{noun}", wanted, retry=_FRESH))
        return name

    def update(task: Task) -> Course[None]:
        yield from put(task)

    def read(task: Task) -> Course[PropertyMap | None]:
        absent = (Refusal(none), *_NO_BUCKET)
        answer = yield from calls.look(_call(f"get_{noun}", {"Bucket": task.id}, absent=absent))
        found = calls.at(answer, document)
        if answer is None or found is None:
            return None
        return {"bucket": task.id, **calls.shown(fields, answer)}

    def delete(task: Task) -> Course[None]:
        absent = (Refusal(none), *_NO_BUCKET)
        yield from calls.ask(_call(f"delete_{noun}", {"Bucket": task.id}, absent=absent, retry=_ABORTED))

    return CallKind(
        token=token,
        service="s3",
        source=f"Amazon S3 API Reference: {''.join(word.title() for word in f'put_{noun}'.split('_'))}",
        fields=(_BUCKET_REF, *fields, REGION),
        make=put,
        read=read,
        update=update,
        delete=delete,
        elsewhere=elsewhere,
    )


def _blocking(name: str) -> Field:
    return Field(name, spec.FLAG, default=False, shown_as=f"PublicAccessBlockConfiguration.{calls.wire_name(name)}")


PUBLIC_ACCESS_BLOCK = _setting(
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    fields=(
        _blocking("blockPublicAcls"),
        _blocking("blockPublicPolicy"),
        _blocking("ignorePublicAcls"),
        _blocking("restrictPublicBuckets"),
    ),
    noun="public_access_block",
    document="PublicAccessBlockConfiguration",
    none="NoSuchPublicAccessBlockConfiguration",
    elsewhere=("skipDestroy",),
)

_ENCRYPTION_BY_DEFAULT = spec.Block(
    (
        Field("sseAlgorithm", required=True, sent_as="SSEAlgorithm"),
        Field("kmsMasterKeyId", sent_as="KMSMasterKeyID"),
    )
)
_ENCRYPTION_RULE = spec.Block(
    (
        Field("applyServerSideEncryptionByDefault", _ENCRYPTION_BY_DEFAULT),
        Field("bucketKeyEnabled", spec.FLAG, default=False),
    )
)


def _same_rules(wanted: Value, live: Value) -> bool:
    def plain(rules: Value) -> set[tuple[str, str, bool]]:
        return {
            (
                calls.text(rule, "applyServerSideEncryptionByDefault", "sseAlgorithm"),
                calls.text(rule, "applyServerSideEncryptionByDefault", "kmsMasterKeyId"),
                str(rule.get("bucketKeyEnabled")).lower() == "true",
            )
            for rule in calls.rows({"rules": rules}, "rules")
        }

    return plain(wanted) == plain(live)


ENCRYPTION = _setting(
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    fields=(
        Field(
            "rules",
            spec.SetOf(_ENCRYPTION_RULE),
            required=True,
            sent_as="Rules",
            shown_as="ServerSideEncryptionConfiguration.Rules",
            same=_same_rules,
        ),
    ),
    noun="bucket_encryption",
    document="ServerSideEncryptionConfiguration",
    none="ServerSideEncryptionConfigurationNotFoundError",
    elsewhere=("expectedBucketOwner",),
)
