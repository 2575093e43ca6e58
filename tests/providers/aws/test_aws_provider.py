"""What the provider does besides the life of single kinds: previews, tags, regions, errors, interrupted calls."""

import asyncio
import json
import socket
import threading
import traceback

import pytest
import stamina

from reconciler import errors
from reconciler.catalog.aws.iam import ROLE
from reconciler.catalog.aws.network import VPC
from reconciler.catalog.aws.vpc_endpoint import VPC_ENDPOINT
from reconciler.catalog.calls import Call
from reconciler.contract import protocol
from reconciler.model import values
from reconciler.model.values import UNKNOWN, Secret
from reconciler.providers.aws import courses, refusals, settings, shapes
from reconciler.providers.aws.provider import AwsProvider
from reconciler.providers.aws.session import Session

ROLE_TOKEN, VPC_TOKEN = ROLE.token, VPC.token
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
NOWHERE = {"region": "us-east-1", "endpoints": '[{"ec2": "http://127.0.0.1:1"}]'}


def configured(**inputs):
    provider = AwsProvider()
    asyncio.run(provider.configure(protocol.ConfigureRequest(urn="urn:p", inputs={**NOWHERE, **inputs})))
    return provider


@pytest.fixture(scope="module")
def unreachable():
    """A provider whose every call would fail."""
    provider = configured()
    yield provider
    asyncio.run(provider.close())


def create(provider, token, inputs, **more):
    request = protocol.CreateRequest(urn="urn:x", token=token, inputs=values.freeze_map(inputs), **more)
    return asyncio.run(provider.create(request))


def diff(provider, token, *, old, news, outputs=None, ignore=()):
    request = protocol.DiffRequest(
        urn="urn:x",
        token=token,
        id="x",
        old_inputs=values.freeze_map(old),
        outputs=values.freeze_map(old if outputs is None else outputs),
        news=values.freeze_map(news),
        ignore_changes=ignore,
    )
    return asyncio.run(provider.diff(request))


def test_a_preview_makes_no_call_and_shows_what_is_known(unreachable):
    made = create(unreachable, VPC_TOKEN, {"cidrBlock": "10.0.0.0/16", "tags": {"a": "b"}}, preview=True)

    assert made.id == ""
    assert made.outputs["arn"] is UNKNOWN
    assert made.outputs["region"] == "us-east-1"
    assert made.outputs["tagsAll"] == {"a": "b"}


def test_a_previewed_update_keeps_what_the_change_cannot_alter(unreachable):
    old = {"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": False}
    request = protocol.UpdateRequest(
        urn="urn:x",
        token=VPC_TOKEN,
        id="vpc-1",
        old_inputs=old,
        outputs={**old, "arn": "arn:1", "region": "us-east-1", "tagsAll": {}},
        news={**old, "enableDnsHostnames": True},
        preview=True,
    )

    shown = asyncio.run(unreachable.update(request)).outputs

    assert (shown["enableDnsHostnames"], shown["arn"]) == (True, "arn:1")


def test_an_unreachable_sandbox_is_told_with_the_command_that_starts_it(unreachable):
    with pytest.raises(errors.TransientError) as caught:
        create(unreachable, VPC_TOKEN, {"cidrBlock": "10.0.0.0/16"}, operation_id="a" * 32)

    assert "flowforge sandbox up" in caught.value.hint
    assert caught.value.detail.startswith("ec2:CreateVpc")


def test_services_that_are_not_listed_follow_a_sandbox(unreachable):
    found = settings.parse(values.freeze_map(NOWHERE), {})

    assert found.endpoint("secretsmanager") == "http://127.0.0.1:1"
    assert settings.parse({"endpoints": '[{"s3": "https://minio.example.com"}]'}, {}).endpoint("iam") == ""


def test_a_kind_that_is_not_there_is_named_with_those_that_are(unreachable):
    request = protocol.CheckRequest(urn="u", token="aws:sqs/queue:Queue", name="q", news={})

    with pytest.raises(errors.UnsupportedError, match="aws:sqs/queue:Queue") as caught:
        asyncio.run(unreachable.check(request))

    assert "aws:s3/bucket:Bucket" in caught.value.hint


def test_a_function_that_is_not_there_is_named_with_those_that_are(unreachable):
    request = protocol.InvokeRequest(token="aws:ec2/getVpc:getVpc", args={})

    with pytest.raises(errors.UnsupportedError, match="aws:ec2/getVpc:getVpc") as caught:
        asyncio.run(unreachable.invoke(request))

    assert caught.value.hint.startswith("available: ")
    assert "getCallerIdentity" in caught.value.hint


def test_a_property_of_the_public_sdk_that_is_not_supported_is_refused_by_name(unreachable):
    request = protocol.CheckRequest(
        urn="u", token="aws:s3/bucket:Bucket", name="b", news={"acl": "private", "bucket": "lake"}
    )

    found = asyncio.run(unreachable.check(request))

    assert [failure.property for failure in found.failures] == ["acl"]
    assert "not supported" in found.failures[0].reason


def test_a_bucket_gets_a_lower_case_name_that_the_next_run_keeps(unreachable):
    def check(olds):
        request = protocol.CheckRequest(
            urn="u", token="aws:s3/bucket:Bucket", name="My" + "x" * 80, news={}, olds=olds, seed=b"seed"
        )
        return asyncio.run(unreachable.check(request)).inputs["bucket"]

    first = check(None)

    assert first == first.lower()
    assert len(first) == 63
    assert check({"bucket": "kept"}) == "kept"


@pytest.mark.parametrize(
    ("config", "refused"),
    [
        pytest.param({"region": "eu-west-1", "skipCredentialsValidation": "true"}, [], id="skip-flags-are-taken"),
        pytest.param({"assumeRoles": "[]"}, ["assumeRoles"], id="not-supported"),
        pytest.param({"endpoints": "http://x"}, ["endpoints"], id="not-json"),
        pytest.param({"defaultTags": '{"tags": {"a": "b"}}', "s3UsePathStyle": "true"}, [], id="objects-as-text"),
    ],
)
def test_settings_are_checked_by_name(unreachable, config, refused):
    request = protocol.CheckRequest(urn="u", token="pulumi:providers:aws", name="p", news=config)

    found = asyncio.run(unreachable.check_config(request))

    assert [failure.property for failure in found.failures] == refused


def test_no_region_anywhere_is_an_error_with_the_command_that_sets_one(monkeypatch, tmp_path):
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))

    with pytest.raises(errors.ConfigureError) as caught:
        asyncio.run(AwsProvider().configure(protocol.ConfigureRequest(urn="urn:p", inputs={})))

    assert "aws:region" in caught.value.hint


def test_the_region_of_the_environment_counts_when_config_has_none(monkeypatch):
    monkeypatch.setenv("AWS_REGION", "eu-west-3")
    provider = AwsProvider()
    asyncio.run(provider.configure(protocol.ConfigureRequest(urn="urn:p", inputs={})))

    made = create(provider, VPC_TOKEN, {"cidrBlock": "10.0.0.0/16"}, preview=True)

    assert made.outputs["region"] == "eu-west-3"


def test_another_region_of_the_provider_replaces_what_lives_in_the_old_one(unreachable):
    old = {"cidrBlock": "10.0.0.0/16"}

    found = diff(unreachable, VPC_TOKEN, old=old, news=old, outputs={**old, "region": "eu-west-1"})

    assert found.replaces == ("region",)


def test_a_changed_default_tag_is_a_difference(unreachable):
    provider = configured(defaultTags='{"tags": {"team": "data"}}')
    old = {"cidrBlock": "10.0.0.0/16"}

    found = diff(provider, VPC_TOKEN, old=old, news=old, outputs={**old, "tagsAll": {"team": "other"}})

    assert set(found.detailed) == {"tagsAll"}


def test_tags_that_nobody_manages_are_left_alone(unreachable):
    old = {"cidrBlock": "10.0.0.0/16"}
    outputs = {**old, "tags": {"by": "hand"}, "tagsAll": {"by": "hand"}}

    assert diff(unreachable, VPC_TOKEN, old=old, news=old, outputs=outputs).changes is protocol.Changes.NONE


@pytest.mark.parametrize(
    ("ignore", "left"),
    [
        pytest.param(("tags",), set(), id="all-tags"),
        pytest.param(('tags["a"]',), {"tags.b"}, id="one-tag"),
        pytest.param(("enableDnsHostnames",), {"tags.a", "tags.b"}, id="another-input"),
    ],
)
def test_ignored_changes_make_no_difference(unreachable, ignore, left):
    old = {"cidrBlock": "10.0.0.0/16", "tags": {"a": "1", "b": "1"}}
    live = {**old, "tags": {"a": "2", "b": "2"}, "tagsAll": {"a": "2", "b": "2"}}

    found = diff(unreachable, VPC_TOKEN, old=old, news=old, outputs=live, ignore=ignore)

    assert set(found.detailed) == left


def test_policies_that_mean_the_same_make_no_difference(unreachable):
    old = {"name": "r", "assumeRolePolicy": '{"Version":"2012-10-17","Statement":[]}'}
    news = {"name": "r", "assumeRolePolicy": {"Statement": [], "Version": "2012-10-17"}}

    assert diff(unreachable, ROLE_TOKEN, old=old, news=news).changes is protocol.Changes.NONE


@pytest.mark.slow
def test_default_tags_are_on_the_object_and_not_among_its_own(tagging_cloud):
    made = tagging_cloud.make(VPC_TOKEN, "net", cidrBlock="10.0.0.0/16", tags={"layer": "bronze"})

    assert made.outputs["tags"] == {"layer": "bronze"}
    assert made.outputs["tagsAll"] == {"layer": "bronze", "team": "data"}
    assert made.diff()[0].changes is protocol.Changes.NONE


@pytest.mark.slow
def test_an_update_leaves_the_mark_of_the_creation_in_place(cloud):
    made = cloud.make("aws:s3/bucket:Bucket", "lake", tags={"a": "1"})

    made.update(tags={"b": "2"})

    assert made.find().id == made.id
    assert made.outputs["tagsAll"] == {"b": "2"}


@pytest.mark.slow
def test_a_bucket_that_somebody_made_by_hand_is_not_taken_over(cloud):
    cloud.boto("s3").create_bucket(Bucket="made-by-hand")

    with pytest.raises(errors.PermanentError) as caught:
        cloud.make("aws:s3/bucket:Bucket", "lake", bucket="made-by-hand")

    assert caught.value.code == "BucketAlreadyOwnedByYou"
    assert "import" in caught.value.hint


@pytest.mark.slow
def test_a_bucket_lives_in_the_region_that_the_program_names(cloud):
    made = cloud.make("aws:s3/bucket:Bucket", "lake", region="eu-west-1")

    assert made.outputs["bucketRegionalDomainName"] == f"{made.id}.s3.eu-west-1.amazonaws.com"
    assert made.refresh().diff()[0].changes is protocol.Changes.NONE
    made.delete()
    assert made.read() is None


@pytest.mark.slow
def test_a_full_bucket_is_deleted_only_when_the_program_says_so(cloud):
    made = cloud.make("aws:s3/bucket:Bucket", "lake")
    s3 = cloud.boto("s3")
    s3.put_bucket_versioning(Bucket=made.id, VersioningConfiguration={"Status": "Enabled"})
    for content in (b"1", b"2"):
        s3.put_object(Bucket=made.id, Key="a", Body=content)
    s3.delete_object(Bucket=made.id, Key="a")
    with pytest.raises(errors.PermanentError) as caught:
        made.delete()

    made.update(forceDestroy=True).delete()

    assert "forceDestroy" in caught.value.hint
    assert made.read() is None


@pytest.mark.slow
def test_a_zone_with_records_is_deleted_only_when_the_program_says_so(cloud):
    zone = cloud.make("aws:route53/zone:Zone", "z", name="full.example.com")
    cloud.make(
        "aws:route53/record:Record", "r", zoneId=zone.id, name="www", type="TXT", ttl=60, records=["v=1; two words"]
    )
    with pytest.raises(errors.PermanentError):
        zone.delete()

    zone.update(forceDestroy=True).delete()

    assert zone.read() is None


@pytest.mark.slow
def test_a_relative_record_name_is_completed_and_text_is_quoted_on_the_wire(cloud):
    zone = cloud.make("aws:route53/zone:Zone", "z", name="text.example.com")

    made = cloud.make(
        "aws:route53/record:Record", "r", zoneId=zone.id, name="www", type="TXT", ttl=60, records=["v=1; two words"]
    )

    assert made.outputs["fqdn"] == "www.text.example.com"
    sets = cloud.boto("route53").list_resource_record_sets(HostedZoneId=zone.id)["ResourceRecordSets"]
    assert {"Value": '"v=1; two words"'} in [value for row in sets for value in row["ResourceRecords"]]
    assert made.refresh().diff()[0].changes is protocol.Changes.NONE


@pytest.mark.slow
def test_a_new_groups_egress_is_closed(cloud):
    net = cloud.make(VPC_TOKEN, "net", cidrBlock="10.0.0.0/16")

    made = cloud.make("aws:ec2/securityGroup:SecurityGroup", "link", vpcId=net.id)

    assert made.outputs["egress"] == ()


@pytest.mark.slow
def test_secret_values_are_secret_in_outputs_and_imports(cloud):
    holder = cloud.make("aws:secretsmanager/secret:Secret", "key")

    made = cloud.make(
        "aws:secretsmanager/secretVersion:SecretVersion", "key", secretId=holder.id, secretString="pem text"
    )

    assert made.outputs["secretString"] == Secret("pem text")
    assert "pem text" not in repr(made.imported())


@pytest.mark.slow
def test_bytes_go_and_come_as_base64(cloud):
    holder = cloud.make("aws:secretsmanager/secret:Secret", "key")

    made = cloud.make(
        "aws:secretsmanager/secretVersion:SecretVersion", "key", secretId=holder.id, secretBinary="AAEC/w=="
    )

    found = cloud.boto("secretsmanager").get_secret_value(SecretId=holder.id)
    assert found["SecretBinary"] == b"\x00\x01\x02\xff"
    assert made.refresh().diff()[0].changes is protocol.Changes.NONE


@pytest.mark.slow
def test_refused_arguments_are_told_without_their_values(cloud):
    request = protocol.CreateRequest(
        urn="urn:x",
        token="aws:secretsmanager/secretVersion:SecretVersion",
        inputs={"secretId": "s", "secretString": Secret(("hunter2",))},
        operation_id="a" * 32,
    )

    with pytest.raises(errors.PermanentError) as caught:
        asyncio.run(cloud.provider.create(request))

    assert "SecretString" in caught.value.detail
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.slow
def test_a_failure_after_the_object_was_made_keeps_its_id(cloud):
    inputs = {"name": "half-made", "assumeRolePolicy": TRUST, "managedPolicyArns": ["arn:aws:iam::aws:policy/None"]}

    with pytest.raises(errors.PartialError) as caught:
        create(cloud.provider, ROLE_TOKEN, inputs, operation_id="b" * 32)

    assert caught.value.id == "half-made"
    assert caught.value.code == "NoSuchEntity"


@pytest.mark.slow
def test_the_next_run_finishes_what_was_half_made(cloud):
    net = cloud.make(VPC_TOKEN, "net", cidrBlock="10.0.0.0/16")
    rule = {"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["300.0.0.0/8"]}
    token = "aws:ec2/securityGroup:SecurityGroup"
    inputs = {"name": "half-made", "vpcId": net.id, "ingress": [rule]}
    with pytest.raises(errors.PartialError) as caught:
        create(cloud.provider, token, inputs, operation_id="d" * 32)
    # As if the failure had come before the new group's egress was closed.
    cloud.boto("ec2").authorize_security_group_egress(
        GroupId=caught.value.id, IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    )
    request = protocol.UpdateRequest(
        urn="urn:x",
        token=token,
        id=caught.value.id,
        old_inputs=values.freeze_map(inputs),
        outputs=values.freeze_map(caught.value.outputs),
        news=values.freeze_map({**inputs, "ingress": [{**rule, "cidrBlocks": ["10.0.0.0/8"]}]}),
    )

    found = asyncio.run(cloud.provider.update(request)).outputs

    assert found["egress"] == ()
    assert [one["cidrBlocks"] for one in found["ingress"]] == [("10.0.0.0/8",)]


@pytest.mark.slow
def test_an_interrupted_creation_is_completed_when_it_is_found(cloud):
    group = cloud.boto("ec2").create_vpc(
        CidrBlock="10.9.0.0/16",
        TagSpecifications=[{"ResourceType": "vpc", "Tags": [{"Key": "flowforge:operation", "Value": "c" * 32}]}],
    )["Vpc"]["VpcId"]
    request = protocol.FindRequest(
        urn="urn:x",
        token=VPC_TOKEN,
        inputs={"cidrBlock": "10.9.0.0/16", "enableDnsHostnames": True},
        operation_id="c" * 32,
    )

    found = asyncio.run(cloud.provider.find(request))

    assert found.id == group
    assert found.outputs["enableDnsHostnames"] is True


@pytest.mark.slow
def test_invokes_say_who_and_where_we_are(cloud):
    caller = cloud.invoke("aws:index/getCallerIdentity:getCallerIdentity").result
    region = cloud.invoke("aws:index/getRegion:getRegion").result
    partition = cloud.invoke("aws:index/getPartition:getPartition").result
    zones = cloud.invoke("aws:index/getAvailabilityZones:getAvailabilityZones", state="available").result

    assert caller["accountId"] == caller["id"] == "123456789012"
    assert region == {
        "region": "us-east-1",
        "name": "us-east-1",
        "id": "us-east-1",
        "description": "US East (N. Virginia)",
        "endpoint": "ec2.us-east-1.amazonaws.com",
    }
    assert partition["dnsSuffix"] == "amazonaws.com"
    assert partition["reverseDnsPrefix"] == "com.amazonaws"
    assert zones["names"] == tuple(f"us-east-1{letter}" for letter in "abcdef")
    assert zones["id"] == "us-east-1"


def test_wrong_arguments_of_an_invoke_are_failures(unreachable):
    request = protocol.InvokeRequest(token="aws:index/getRegion:getRegion", args={"reigon": "x"})

    found = asyncio.run(unreachable.invoke(request))

    assert found.failures[0].property == "reigon"


@pytest.mark.parametrize(
    ("code", "status", "once", "kind", "hint"),
    [
        pytest.param("ExpiredToken", 400, False, errors.PermanentError, "log in again", id="expired"),
        pytest.param("AccessDenied", 403, False, errors.PermanentError, "permission", id="denied"),
        pytest.param("InvalidClientTokenId", 403, False, errors.PermanentError, "accessKey", id="unknown-key"),
        pytest.param("RequestLimitExceeded", 503, True, errors.TransientError, "", id="throttled"),
        pytest.param("InternalError", 500, False, errors.TransientError, "", id="broken-and-repeatable"),
        pytest.param("InternalError", 500, True, errors.AmbiguousError, "", id="broken-and-not-repeatable"),
        pytest.param("DeleteConflict", 409, False, errors.PermanentError, "forceDetach", id="refused"),
    ],
)
def test_an_error_code_becomes_an_error_of_ours(code, status, once, kind, hint):
    found = refusals.error_of(code, "said so", status=status, operation="iam:DeleteRole", once=once)

    assert type(found) is kind
    assert hint in found.hint
    assert found.code == code


class Scripted(Session):
    """A session that answers from a script: errors are raised, maps are given."""

    def __init__(self, *answers):
        super().__init__(settings.Settings(region="us-east-1"))
        self.answers = list(answers)
        self.sent = []

    async def send(self, call, region):
        self.sent.append(call.method)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def refused(code, message=""):
    return errors.PermanentError(message, code=code)


def vpc_task():
    task = shapes.creation(VPC, settings.Settings(region="us-east-1"), {"cidrBlock": "10.0.0.0/16"}, "op")
    return shapes.completion(VPC, task, "vpc-1")


def test_a_refusal_that_passes_is_tried_again():
    session = Scripted(refused("DependencyViolation"), refused("DependencyViolation"), {})

    with stamina.set_testing(True, attempts=5):
        asyncio.run(courses.follow(VPC.delete(vpc_task()), session, "us-east-1"))

    assert session.sent == ["delete_vpc"] * 3


def test_a_refusal_that_lasts_is_told():
    session = Scripted(*[refused("DependencyViolation")] * 3)

    with stamina.set_testing(True, attempts=3), pytest.raises(errors.PermanentError) as caught:
        asyncio.run(courses.follow(VPC.delete(vpc_task()), session, "us-east-1"))

    assert caught.value.code == "DependencyViolation"


def test_a_creation_without_an_answer_is_looked_for_and_not_sent_again():
    provider = configured()
    vpc = {"Vpcs": ({"VpcId": "vpc-1", "State": "available", "CidrBlock": "10.0.0.0/16", "OwnerId": "1"},)}
    rest = [{}, {}, {}, {}, {}, {}]
    provider._session = session = Scripted(errors.AmbiguousError("no answer"), vpc, vpc, vpc, *rest)

    made = create(provider, VPC_TOKEN, {"cidrBlock": "10.0.0.0/16"}, operation_id="a" * 32)

    assert made.id == "vpc-1"
    assert session.sent.count("create_vpc") == 1


def test_a_creation_without_an_answer_that_is_not_found_stays_in_doubt():
    provider = configured()
    provider._session = Scripted(errors.AmbiguousError("no answer"), {"Vpcs": ()})

    with pytest.raises(errors.AmbiguousError):
        create(provider, VPC_TOKEN, {"cidrBlock": "10.0.0.0/16"}, operation_id="a" * 32)


def test_an_endpoint_that_its_owner_rejects_is_an_error_with_the_reason():
    rejected = {"VpcEndpoints": ({"State": "rejected", "LastError": {"Message": "not authorised"}},)}
    session = Scripted({"VpcEndpoints": ({"State": "pending"},)}, rejected)

    with pytest.raises(errors.PermanentError, match="not authorised"):
        asyncio.run(courses.follow(VPC_ENDPOINT.complete(vpc_task()), session, "us-east-1"))


def test_an_endpoint_that_waits_for_consent_is_made():
    session = Scripted({"VpcEndpoints": ({"State": "pendingAcceptance"},)})

    asyncio.run(courses.follow(VPC_ENDPOINT.complete(vpc_task()), session, "us-east-1"))

    assert session.sent == ["describe_vpc_endpoints"]


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n<a>"], ids=["none", "garbled"])
@pytest.mark.parametrize(
    ("once", "kind"), [(False, errors.TransientError), (True, errors.AmbiguousError)], ids=["again", "once"]
)
def test_an_answer_that_is_lost_is_in_doubt_only_where_a_second_call_would_do_harm(answer, once, kind):
    def answer_all(listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=answer_all, args=(listener,), daemon=True).start()
        where = json.dumps([{"ec2": f"http://127.0.0.1:{listener.getsockname()[1]}"}])
        session = Session(settings.parse({"region": "us-east-1", "endpoints": where}, {}))
        try:
            with pytest.raises(kind, match="no answer"):
                asyncio.run(
                    session.send(Call(service="ec2", method="describe_vpcs", arguments={}, once=once), "us-east-1")
                )
        finally:
            session.close()
            listener.shutdown(socket.SHUT_RDWR)
