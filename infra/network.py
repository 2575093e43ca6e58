"""How Snowflake is reached privately, and from where service users may connect.

AWS PrivateLink is an endpoint in our network, on the service name that
Snowflake tells for this account, and a private DNS zone that sends Snowflake's
private host names there.

Left out on purpose: `SYSTEM$AUTHORIZE_PRIVATELINK`. It takes a federation token
that must be minted for the call and may not be kept in state, so an
administrator runs it once per AWS account, before the first `up` of a stack on
real accounts (README, "Production"). Also left out: the second DNS zone
(`privatelink.snowflake.app`), which only Streamlit and container services need.

Source: Snowflake user guide, "AWS PrivateLink and Snowflake";
SYSTEM$GET_PRIVATELINK_CONFIG.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi_aws as aws
import pulumi_snowflake as snowflake

from infra.settings import Settings

ZONE: Final = "privatelink.snowflakecomputing.com"

# What of Snowflake's answer becomes a DNS record: these are set for every account.
HOSTS: Final = {
    "account": "account_url",
    "account-regionless": "regionless_account_url",
    "ocsp": "ocsp_url",
    "ocsp-regionless": "regionless_privatelink_ocsp_url",
    "snowsight": "snowsight_url",
    "snowsight-regionless": "regionless_snowsight_url",
}

# Drivers fetch certificate status (OCSP) over plain HTTP; everything else is TLS.
PORTS: Final = {"tls": 443, "ocsp": 80}


@dataclass(frozen=True, slots=True)
class PrivateNetwork:
    """The private network and, with PrivateLink on, the endpoint in it."""

    vpc: aws.ec2.Vpc
    endpoint: aws.ec2.VpcEndpoint | None


def private_network(settings: Settings) -> PrivateNetwork:
    """Declare the network, and PrivateLink in it when the settings ask for it."""
    network = settings.network
    vpc = aws.ec2.Vpc(
        "network",
        cidr_block=network.cidr,
        # Private zones answer only in a network that resolves names itself.
        enable_dns_hostnames=True,
        enable_dns_support=True,
        tags={"Name": settings.slug},
    )
    subnets = [
        aws.ec2.Subnet(
            f"subnet-{zone}",
            vpc_id=vpc.id,
            availability_zone=zone,
            cidr_block=cidr,
            tags={"Name": f"{settings.slug}-{zone}"},
        )
        for zone, cidr in network.subnets.items()
    ]
    return PrivateNetwork(vpc, _private_link(settings, vpc, subnets) if network.private_link else None)


def service_policy(settings: Settings) -> snowflake.NetworkPolicy:
    """Declare from where service users may connect: the private network, and what the settings add."""
    return snowflake.NetworkPolicy(
        "service-network-policy",
        name=f"{settings.prefix}_SERVICES",
        allowed_ip_lists=[settings.network.cidr, *settings.network.allowed],
        comment="Service users connect from the platform's network",
    )


def _private_link(settings: Settings, vpc: aws.ec2.Vpc, subnets: list[aws.ec2.Subnet]) -> aws.ec2.VpcEndpoint:
    link = snowflake.get_system_get_private_link_config_output()
    group = aws.ec2.SecurityGroup(
        "snowflake-endpoint",
        name=f"{settings.slug}-snowflake-endpoint",
        description="Who may reach Snowflake through PrivateLink",
        vpc_id=vpc.id,
    )
    for name, port in PORTS.items():
        aws.vpc.SecurityGroupIngressRule(
            f"snowflake-endpoint-{name}",
            security_group_id=group.id,
            cidr_ipv4=settings.network.cidr,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=f"{name} from the platform's network",
        )
    endpoint = aws.ec2.VpcEndpoint(
        "snowflake",
        vpc_id=vpc.id,
        service_name=link.aws_vpce_id,
        vpc_endpoint_type="Interface",
        subnet_ids=[subnet.id for subnet in subnets],
        security_group_ids=[group.id],
        # Names come from our own zone: the service offers no private DNS of its own.
        private_dns_enabled=False,
        tags={"Name": f"{settings.slug}-snowflake"},
    )
    zone = aws.route53.Zone(
        "snowflake-names",
        name=ZONE,
        comment="Snowflake's private host names",
        vpcs=[{"vpc_id": vpc.id}],
        # Only records that this stack made live here.
        force_destroy=True,
    )
    for name, key in HOSTS.items():
        aws.route53.Record(
            f"snowflake-{name}",
            zone_id=zone.zone_id,
            name=getattr(link, key).apply(_host),
            type="CNAME",
            ttl=300,
            records=[endpoint.dns_entries[0].dns_name],
        )
    return endpoint


def _host(address: str) -> str:
    """The host of an address that may carry a port.

    >>> _host("ocsp.xy12345.us-east-1.privatelink.snowflakecomputing.com:80")
    'ocsp.xy12345.us-east-1.privatelink.snowflakecomputing.com'
    """
    return address.partition(":")[0]
