"""The AWS sandbox keeps what it acknowledged: over a restart, over a kill, over a torn last line."""

import os
import signal
import socket
import subprocess
import sys
import textwrap

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from reconciler import errors
from reconciler.sandbox.aws.server import AwsSandbox

pytestmark = pytest.mark.slow

TRUST = '{"Version": "2012-10-17", "Statement": []}'


def client(url, service, **more):
    return boto3.client(
        service,
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="sandbox",
        aws_secret_access_key="sandbox",
        config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        **more,
    )


@pytest.fixture
def start(tmp_path):
    started = []

    def start(directory="state"):
        sandbox = AwsSandbox(tmp_path / directory, 0)
        started.append(sandbox)
        sandbox.start()
        return sandbox

    yield start
    for sandbox in started:
        sandbox.stop()


def furnish(url):
    """One object of every service that the platform uses; what identifies each."""
    ec2 = client(url, "ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="link", Description="d", VpcId=vpc)["GroupId"]
    rule = ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}],
    )["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName="com.example", VpcEndpointType="Interface", SubnetIds=[subnet], SecurityGroupIds=[group]
    )
    zone = client(url, "route53").create_hosted_zone(Name="example.com", CallerReference="one")["HostedZone"]["Id"]
    role = client(url, "iam").create_role(RoleName="loader", AssumeRolePolicyDocument=TRUST)["Role"]
    secret = client(url, "secretsmanager").create_secret(Name="key", SecretString="pem")
    return {
        "vpc": vpc, "subnet": subnet, "group": group, "rule": rule, "zone": zone, "role": role["RoleId"],
        "role made": role["CreateDate"], "secret": secret["ARN"], "version": secret["VersionId"],
    }  # fmt: skip


def inventory(url):
    """What `furnish` made, as a client finds it; endpoints with their addresses."""
    ec2 = client(url, "ec2")
    vpc = next(row["VpcId"] for row in ec2.describe_vpcs()["Vpcs"] if not row["IsDefault"])
    group = next(row for row in ec2.describe_security_groups()["SecurityGroups"] if row["GroupName"] == "link")
    rules = ec2.describe_security_group_rules()["SecurityGroupRules"]
    role = client(url, "iam").get_role(RoleName="loader")["Role"]
    secret = client(url, "secretsmanager").get_secret_value(SecretId="key")
    assert secret["SecretString"] == "pem"
    return {
        "vpc": vpc,
        "subnet": next(row["SubnetId"] for row in ec2.describe_subnets()["Subnets"] if row["VpcId"] == vpc),
        "group": group["GroupId"],
        "rule": next(row["SecurityGroupRuleId"] for row in rules if not row["IsEgress"] and row.get("FromPort") == 443),
        "zone": client(url, "route53").list_hosted_zones()["HostedZones"][0]["Id"],
        "role": role["RoleId"],
        "role made": role["CreateDate"],
        "secret": secret["ARN"],
        "version": secret["VersionId"],
    }


def endpoints(url):
    rows = client(url, "ec2").describe_vpc_endpoints()["VpcEndpoints"]
    return [(row["VpcEndpointId"], row["DnsEntries"], row["NetworkInterfaceIds"]) for row in rows]


def test_ids_names_and_times_are_the_same_after_a_restart(start):
    first = start()
    made, linked = furnish(first.url), endpoints(first.url)
    first.stop()

    second = start()

    assert inventory(second.url) == made
    assert endpoints(second.url) == linked


def test_reads_between_writes_change_no_id_of_a_replay(start):
    first = start()
    ec2 = client(first.url, "ec2")
    # The first request to a service in a region makes what every account has there, a default VPC for one.
    ec2.describe_availability_zones()
    made = [row["VpcId"] for row in ec2.describe_vpcs()["Vpcs"]]
    for number in range(3):
        made.append(ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")["Vpc"]["VpcId"])
        ec2.describe_availability_zones()
        client(first.url, "s3").list_buckets()
    first.stop()

    second = start()

    found = {row["VpcId"] for row in client(second.url, "ec2").describe_vpcs()["Vpcs"]}
    assert found == set(made)
    assert second.statistics()["replayed"] == 3


@pytest.mark.parametrize("multipart", [False, True], ids=["one-piece", "in-parts"])
def test_a_large_object_is_byte_for_byte_the_same_after_a_restart(start, multipart):
    content = os.urandom(6_000_000)
    first = start()
    s3 = client(first.url, "s3")
    s3.create_bucket(Bucket="lake")
    if multipart:
        upload = s3.create_multipart_upload(Bucket="lake", Key="flights.parquet")["UploadId"]
        part = {"Bucket": "lake", "Key": "flights.parquet", "UploadId": upload}
        halves = [content[:5_500_000], content[5_500_000:]]
        tags = [
            {"PartNumber": number, "ETag": s3.upload_part(**part, PartNumber=number, Body=half)["ETag"]}
            for number, half in enumerate(halves, 1)
        ]
        s3.complete_multipart_upload(**part, MultipartUpload={"Parts": tags})
    else:
        s3.put_object(Bucket="lake", Key="flights.parquet", Body=content)
    before = s3.head_object(Bucket="lake", Key="flights.parquet")
    first.stop()

    second = start()

    found = client(second.url, "s3").get_object(Bucket="lake", Key="flights.parquet")
    assert found["Body"].read() == content
    assert (found["ETag"], found["LastModified"]) == (before["ETag"], before["LastModified"])


def test_what_was_refused_and_what_was_deleted_stay_so(start):
    first = start()
    s3 = client(first.url, "s3")
    s3.create_bucket(Bucket="gone")
    s3.delete_bucket(Bucket="gone")
    with pytest.raises(ClientError):
        s3.put_object(Bucket="gone", Key="a", Body=b"x")
    first.stop()

    second = start()

    assert client(second.url, "s3").list_buckets()["Buckets"] == []


def test_a_reset_empties_services_and_disk(start):
    first = start()
    furnish(first.url)

    first.reset()
    first.stop()
    second = start()

    assert second.statistics()["replayed"] == 0
    assert client(second.url, "iam").list_roles()["Roles"] == []


def test_the_address_for_resets_of_moto_does_the_same(start):
    import urllib.request

    first = start()
    client(first.url, "iam").create_role(RoleName="loader", AssumeRolePolicyDocument=TRUST)

    urllib.request.urlopen(urllib.request.Request(f"{first.url}/moto-api/reset", method="POST")).close()
    first.stop()

    assert start().statistics()["replayed"] == 0


def test_two_sandboxes_never_share_an_id(start):
    first = start("one")
    one = client(first.url, "ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    first.stop()

    second = start("two")

    assert client(second.url, "ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"] != one


def test_a_torn_last_line_is_cut_off_and_the_rest_is_kept(start, tmp_path):
    first = start()
    client(first.url, "iam").create_role(RoleName="loader", AssumeRolePolicyDocument=TRUST)
    first.stop()
    with (tmp_path / "state" / "writes.jsonl").open("ab") as log:
        log.write(b'{"seed": "half a li')

    second = start()
    client(second.url, "iam").create_role(RoleName="reader", AssumeRolePolicyDocument=TRUST)
    second.stop()
    third = start()

    roles = client(third.url, "iam").list_roles()["Roles"]
    assert sorted(role["RoleName"] for role in roles) == ["loader", "reader"]


def test_no_acknowledged_write_is_lost_when_the_process_is_killed(start, tmp_path):
    program = textwrap.dedent(
        """
        import pathlib, sys, time
        from reconciler.sandbox.aws.server import AwsSandbox
        sandbox = AwsSandbox(pathlib.Path(sys.argv[1]), 0)
        sandbox.start()
        print(sandbox.url, flush=True)
        sys.stdin.read()
        """
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "state")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        s3 = client(process.stdout.readline().strip(), "s3")
        s3.create_bucket(Bucket="lake")
        for number in range(20):
            s3.put_object(Bucket="lake", Key=f"part-{number:02}", Body=b"x" * 50_000)
        process.send_signal(signal.SIGKILL)

    sandbox = start()

    listed = client(sandbox.url, "s3").list_objects_v2(Bucket="lake")["Contents"]
    assert [row["Key"] for row in listed] == [f"part-{number:02}" for number in range(20)]


def test_a_taken_port_is_told_with_its_number(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(errors.SandboxError, match=str(port)):
            AwsSandbox(tmp_path / "state", port).start()


def test_requests_and_writes_are_counted(start):
    sandbox = start()
    iam = client(sandbox.url, "iam")

    iam.create_role(RoleName="loader", AssumeRolePolicyDocument=TRUST)
    iam.get_role(RoleName="loader")

    counted = sandbox.statistics()
    assert (counted["requests"], counted["writes"]) == (2, 1)


def test_signatures_and_session_tokens_are_not_kept(start, tmp_path):
    sandbox = start()
    iam = client(sandbox.url, "iam", aws_session_token="very-secret-token")

    iam.create_role(RoleName="loader", AssumeRolePolicyDocument=TRUST)

    kept = (tmp_path / "state" / "writes.jsonl").read_text()
    assert "very-secret-token" not in kept
    assert "Signature=0" in kept
    assert (tmp_path / "state").stat().st_mode & 0o077 == 0


def test_tags_given_with_a_bucket_are_its_tags_at_once(start):
    s3 = client(start().url, "s3")

    s3.create_bucket(Bucket="lake", CreateBucketConfiguration={"Tags": [{"Key": "layer", "Value": "bronze & gold"}]})

    assert s3.get_bucket_tagging(Bucket="lake")["TagSet"] == [{"Key": "layer", "Value": "bronze & gold"}]
