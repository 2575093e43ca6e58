"""Every kind through its whole life against a server: made, read, changed, drifted, found again, deleted twice."""

import dataclasses
import json

import pytest

from reconciler.contract import protocol
from reconciler.model import values

pytestmark = pytest.mark.slow

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}],
    }
)
READ_LAKE = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "*"}]}
)
SNOWFLAKE_SERVICE = "com.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d"

BUCKET = "aws:s3/bucket:Bucket"
BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
ZONE = "aws:route53/zone:Zone"
RECORD = "aws:route53/record:Record"
SECRET = "aws:secretsmanager/secret:Secret"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"


def bucket(cloud, **more):
    return cloud.make(BUCKET, "Lake", **more)


def vpc(cloud, **more):
    return cloud.make(VPC, "net", cidrBlock="10.0.0.0/16", enableDnsHostnames=True, **more)


def subnet(cloud, **more):
    net = vpc(cloud)
    return cloud.make(SUBNET, "a", vpcId=net.id, cidrBlock="10.0.1.0/24", availabilityZone="us-east-1a", **more)


def group(cloud, **more):
    return cloud.make(GROUP, "link", vpcId=vpc(cloud).id, **more)


def ingress(cloud):
    return cloud.make(
        INGRESS,
        "https",
        securityGroupId=group(cloud).id,
        ipProtocol="tcp",
        fromPort=443,
        toPort=443,
        cidrIpv4="10.0.0.0/8",
    )


def egress(cloud):
    return cloud.make(EGRESS, "out", securityGroupId=group(cloud).id, ipProtocol="-1", cidrIpv4="0.0.0.0/0")


def endpoint(cloud):
    net = vpc(cloud)
    sub = cloud.make(SUBNET, "a", vpcId=net.id, cidrBlock="10.0.1.0/24")
    sec = cloud.make(GROUP, "link", vpcId=net.id)
    return cloud.make(
        ENDPOINT,
        "snowflake",
        vpcId=net.id,
        serviceName=SNOWFLAKE_SERVICE,
        vpcEndpointType="Interface",
        subnetIds=[sub.id],
        securityGroupIds=[sec.id],
    )


def zone(cloud):
    return cloud.make(ZONE, "private", name="privatelink.example.com", vpcs=[{"vpcId": vpc(cloud).id}])


def record(cloud):
    return cloud.make(
        RECORD,
        "account",
        zoneId=zone(cloud).id,
        name="account.privatelink.example.com",
        type="CNAME",
        ttl=300,
        records=["vpce-1.example.com"],
    )


def role(cloud, **more):
    return cloud.make(ROLE, "loader", assumeRolePolicy=TRUST, **more)


def role_policy(cloud):
    return cloud.make(ROLE_POLICY, "lake", role=role(cloud).outputs["name"], policy=READ_LAKE)


def secret(cloud):
    return cloud.make(SECRET, "loader-key", description="key of the loader", recoveryWindowInDays=0)


def version(cloud):
    return cloud.make(VERSION, "loader-key", secretId=secret(cloud).id, secretString="-----BEGIN KEY-----")


def block(cloud):
    return cloud.make(BLOCK, "lake", bucket=bucket(cloud).id, blockPublicAcls=True, blockPublicPolicy=True)


def encryption(cloud):
    rule = {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}
    return cloud.make(ENCRYPTION, "lake", bucket=bucket(cloud).id, rules=[rule])


EVERY = [
    bucket,
    block,
    encryption,
    role,
    role_policy,
    vpc,
    subnet,
    group,
    ingress,
    egress,
    endpoint,
    zone,
    record,
    secret,
    version,
]


@pytest.fixture(scope="session")
def standing(cloud):
    """One object of each kind for the tests that change nothing; each test gets a record of its own."""
    made = {}

    def find(make):
        if make not in made:
            made[make] = make(cloud)
        return dataclasses.replace(made[make])

    return find


@pytest.mark.parametrize("make", EVERY, ids=lambda make: make.__name__)
def test_what_was_made_reads_back_without_a_difference(standing, make):
    made = standing(make)

    found = made.refresh().diff()[0]

    assert found.changes is protocol.Changes.NONE


@pytest.mark.parametrize("make", EVERY, ids=lambda make: make.__name__)
def test_outputs_echo_inputs_and_show_no_mark(standing, make):
    made = standing(make)

    shown = values.reveal_map(made.outputs)

    for name, value in values.reveal_map(made.inputs).items():
        assert name in shown, name
        if name not in ("policy", "assumeRolePolicy", "rules"):
            assert shown[name] == value
    assert "flowforge" not in repr(shown)


@pytest.mark.parametrize("make", EVERY, ids=lambda make: make.__name__)
def test_a_deleted_object_reads_as_gone_and_deletes_again(cloud, make):
    made = make(cloud)

    made.delete()
    made.delete()

    if make is not version:  # the current version of a value stays until its secret goes
        assert made.read() is None


@pytest.mark.parametrize("make", EVERY, ids=lambda make: make.__name__)
def test_an_import_finds_inputs_that_differ_in_nothing(standing, make):
    made = standing(make)

    found = made.imported()
    made.inputs, made.outputs = values.freeze_map(found.inputs), values.freeze_map(found.outputs)

    assert made.diff()[0].changes is protocol.Changes.NONE
    assert "tags" not in found.inputs


FINDABLE = [make for make in EVERY if make not in (block, encryption, role_policy)]


@pytest.mark.parametrize("make", FINDABLE, ids=lambda make: make.__name__)
def test_an_interrupted_creation_is_found_by_its_operation(standing, make):
    made = standing(make)

    found = made.find()

    assert found.id == made.id
    assert values.freeze_map(found.outputs) == made.outputs


@pytest.mark.parametrize("make", [make for make in FINDABLE if make is not record], ids=lambda make: make.__name__)
def test_an_object_of_another_operation_is_not_taken_for_ours(standing, make):
    made = standing(make)

    assert made.find(operation="f" * 32) is None


@pytest.mark.parametrize(
    ("make", "news"),
    [
        pytest.param(bucket, {"tags": {"layer": "bronze"}}, id="bucket-tags"),
        pytest.param(bucket, {"forceDestroy": True}, id="bucket-force-destroy"),
        pytest.param(block, {"restrictPublicBuckets": True, "blockPublicAcls": False}, id="public-access-block"),
        pytest.param(
            encryption,
            {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"}, "bucketKeyEnabled": True}]},
            id="encryption-rules",
        ),
        pytest.param(role, {"description": "loads", "maxSessionDuration": 7200}, id="role-words"),
        pytest.param(role, {"assumeRolePolicy": TRUST.replace("ec2.", "lambda.")}, id="role-trust"),
        pytest.param(role, {"permissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess"}, id="role-boundary"),
        pytest.param(role, {"inlinePolicies": [{"name": "p", "policy": READ_LAKE}]}, id="role-inline"),
        pytest.param(role, {"tags": {"layer": "bronze"}}, id="role-tags"),
        pytest.param(role_policy, {"policy": READ_LAKE.replace("GetObject", "PutObject")}, id="role-policy"),
        pytest.param(vpc, {"enableDnsHostnames": False, "enableDnsSupport": False}, id="vpc-dns"),
        pytest.param(vpc, {"enableNetworkAddressUsageMetrics": True}, id="vpc-metrics"),
        pytest.param(vpc, {"tags": {"layer": "bronze"}}, id="vpc-tags"),
        pytest.param(subnet, {"mapPublicIpOnLaunch": True}, id="subnet-public-ip"),
        pytest.param(subnet, {"enableResourceNameDnsARecordOnLaunch": True}, id="subnet-dns"),
        pytest.param(subnet, {"tags": {"layer": "bronze"}}, id="subnet-tags"),
        pytest.param(
            group,
            {
                "ingress": [
                    {"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["10.0.0.0/8", "172.16.0.0/12"]},
                    {"protocol": "tcp", "fromPort": 80, "toPort": 80, "self": True, "description": "each other"},
                ],
                "egress": [{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]}],
            },
            id="group-rules",
        ),
        pytest.param(group, {"tags": {"layer": "bronze"}}, id="group-tags"),
        pytest.param(ingress, {"fromPort": 80, "toPort": 80, "description": "http"}, id="rule-ports"),
        pytest.param(ingress, {"cidrIpv4": "172.16.0.0/12"}, id="rule-source"),
        pytest.param(ingress, {"tags": {"layer": "bronze"}}, id="rule-tags"),
        pytest.param(egress, {"cidrIpv4": "10.0.0.0/8"}, id="egress-source"),
        pytest.param(endpoint, {"privateDnsEnabled": True}, id="endpoint-private-dns"),
        pytest.param(endpoint, {"policy": READ_LAKE}, id="endpoint-policy"),
        pytest.param(endpoint, {"tags": {"layer": "bronze"}}, id="endpoint-tags"),
        pytest.param(zone, {"comment": "names of the link"}, id="zone-comment"),
        pytest.param(zone, {"forceDestroy": True}, id="zone-force-destroy"),
        pytest.param(zone, {"tags": {"layer": "bronze"}}, id="zone-tags"),
        pytest.param(record, {"ttl": 60, "records": ["vpce-2.example.com"]}, id="record"),
        pytest.param(secret, {"description": "another", "kmsKeyId": "alias/mine"}, id="secret-words"),
        pytest.param(
            secret, {"policy": READ_LAKE.replace('"Effect"', '"Principal": "*", "Effect"')}, id="secret-policy"
        ),
        pytest.param(secret, {"tags": {"layer": "bronze"}}, id="secret-tags"),
        pytest.param(version, {"versionStages": ["AWSCURRENT", "blue"]}, id="version-stages"),
    ],
)
def test_a_settable_input_changes_in_place_and_leaves_no_difference(cloud, make, news):
    made = make(cloud)

    made.update(**news)

    assert made.diff()[0].changes is protocol.Changes.NONE
    assert made.refresh().diff()[0].changes is protocol.Changes.NONE


@pytest.mark.parametrize(
    ("make", "news"),
    [
        pytest.param(vpc, {"tags": None}, id="tags"),
        pytest.param(role, {"description": None, "permissionsBoundary": None}, id="role"),
        pytest.param(secret, {"policy": None}, id="secret"),
    ],
)
def test_a_dropped_input_goes_back_to_its_default(cloud, make, news):
    made = make(cloud)
    sets = {
        "tags": {"a": "b"},
        "description": "was here",
        "permissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "policy": READ_LAKE.replace('"Effect"', '"Principal": "*", "Effect"'),
    }
    made.update(**{name: sets[name] for name in news})

    made.update(**news)

    assert made.refresh().diff()[0].changes is protocol.Changes.NONE
    for name in news:
        assert not made.outputs.get(name)


@pytest.mark.parametrize(
    ("make", "news", "replaces"),
    [
        pytest.param(bucket, {"bucket": "another-lake"}, ("bucket",), id="bucket-name"),
        pytest.param(bucket, {"objectLockEnabled": True}, ("objectLockEnabled",), id="bucket-lock"),
        pytest.param(bucket, {"region": "eu-west-1"}, ("region",), id="region"),
        pytest.param(role, {"path": "/service/"}, ("path",), id="role-path"),
        pytest.param(vpc, {"cidrBlock": "10.1.0.0/16"}, ("cidrBlock",), id="vpc-range"),
        pytest.param(subnet, {"availabilityZone": "us-east-1f"}, ("availabilityZone",), id="subnet-zone"),
        pytest.param(group, {"description": "changed"}, ("description",), id="group-description"),
        pytest.param(endpoint, {"serviceName": "com.amazonaws.us-east-1.s3"}, ("serviceName",), id="endpoint-service"),
        pytest.param(zone, {"name": "other.example.com"}, ("name",), id="zone-name"),
        pytest.param(zone, {"vpcs": None}, ("vpcs",), id="private-zone-made-public"),
        pytest.param(record, {"name": "www.privatelink.example.com"}, ("name",), id="record-name"),
        pytest.param(record, {"type": "TXT"}, ("type",), id="record-type"),
        pytest.param(secret, {"name": "other"}, ("name",), id="secret-name"),
        pytest.param(version, {"secretString": "other"}, ("secretString",), id="secret-value"),
    ],
)
def test_an_input_of_birth_needs_a_new_object(standing, make, news, replaces):
    made = standing(make)

    found, _ = made.diff(**news)

    assert found.replaces == replaces


def drift_bucket(cloud, made):
    cloud.boto("s3").put_bucket_tagging(Bucket=made.id, Tagging={"TagSet": [{"Key": "layer", "Value": "gold"}]})


def drift_block(cloud, made):
    cloud.boto("s3").put_public_access_block(
        Bucket=made.id, PublicAccessBlockConfiguration={"BlockPublicAcls": False, "BlockPublicPolicy": True}
    )


def drift_role(cloud, made):
    cloud.boto("iam").update_assume_role_policy(
        RoleName=made.id, PolicyDocument=TRUST.replace("ec2.amazonaws.com", "s3.amazonaws.com")
    )


def drift_policy(cloud, made):
    name = made.id.split(":")
    document = READ_LAKE.replace("GetObject", "*")
    cloud.boto("iam").put_role_policy(RoleName=name[0], PolicyName=name[1], PolicyDocument=document)


def drift_vpc(cloud, made):
    cloud.boto("ec2").modify_vpc_attribute(VpcId=made.id, EnableDnsHostnames={"Value": False})


def drift_rule(cloud, made):
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIpv4": "10.0.0.0/8"}
    cloud.boto("ec2").modify_security_group_rules(
        GroupId=made.inputs["securityGroupId"],
        SecurityGroupRules=[{"SecurityGroupRuleId": made.id, "SecurityGroupRule": rule}],
    )


def drift_endpoint(cloud, made):
    cloud.boto("ec2").modify_vpc_endpoint(VpcEndpointId=made.id, RemoveSecurityGroupIds=made.inputs["securityGroupIds"])


def drift_record(cloud, made):
    changed = {
        "Name": made.outputs["fqdn"],
        "Type": "CNAME",
        "TTL": 5,
        "ResourceRecords": [{"Value": "evil.example.com"}],
    }
    cloud.boto("route53").change_resource_record_sets(
        HostedZoneId=made.inputs["zoneId"],
        ChangeBatch={"Changes": [{"Action": "UPSERT", "ResourceRecordSet": changed}]},
    )


def drift_secret(cloud, made):
    cloud.boto("secretsmanager").update_secret(SecretId=made.id, Description="changed by hand")


@pytest.mark.parametrize(
    ("make", "drift", "paths"),
    [
        pytest.param(lambda cloud: bucket(cloud, tags={"layer": "bronze"}), drift_bucket, {"tags.layer"}, id="bucket"),
        pytest.param(block, drift_block, {"blockPublicAcls"}, id="public-access-block"),
        pytest.param(role, drift_role, {"assumeRolePolicy"}, id="role"),
        pytest.param(role_policy, drift_policy, {"policy"}, id="role-policy"),
        pytest.param(vpc, drift_vpc, {"enableDnsHostnames"}, id="vpc"),
        pytest.param(ingress, drift_rule, {"fromPort", "toPort"}, id="rule"),
        pytest.param(endpoint, drift_endpoint, {"securityGroupIds[0]"}, id="endpoint"),
        pytest.param(record, drift_record, {"ttl", "records[0]"}, id="record"),
        pytest.param(secret, drift_secret, {"description"}, id="secret"),
    ],
)
def test_a_change_by_hand_is_seen_and_taken_back(cloud, make, drift, paths):
    made = make(cloud)
    program = made.inputs
    drift(cloud, made)

    made.refresh()
    found, _ = made.diff(**program)

    assert set(found.detailed) == paths
    made.update(**program)
    assert made.refresh().diff(**program)[0].changes is protocol.Changes.NONE
