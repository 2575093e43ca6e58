"""A bucket, a secret and a role that may read it, by a provider with default tags; policies made of outputs."""

import json

import pulumi
import pulumi_aws as aws
from owner import OWNER

west = aws.Provider("west", region="us-west-2", default_tags={"tags": {"Project": "examples"}})
in_west = pulumi.ResourceOptions(provider=west)


class Reader(pulumi.ComponentResource):
    def __init__(self, name, secret, opts=None):
        super().__init__("examples:index:Reader", name, {}, opts)
        below = pulumi.ResourceOptions(parent=self)
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
        self.role = aws.iam.Role(
            name,
            name=name,
            assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
            tags={"Owner": OWNER},
            opts=below,
        )
        allowed = secret.arn.apply(
            lambda arn: {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": arn}
        )
        policy = pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [allowed]})
        aws.iam.RolePolicy(f"{name}-policy", role=self.role.id, policy=policy, opts=below)
        self.register_outputs({"role": self.role.name})


secret = aws.secretsmanager.Secret("secret", name="my-secret", opts=in_west)
value = pulumi.Output.secret("s3cret-canary")
version = aws.secretsmanager.SecretVersion("version", secret_id=secret.id, secret_string=value, opts=in_west)
reader = Reader("reader", secret, pulumi.ResourceOptions(providers=[west]))
bucket = aws.s3.Bucket("bucket", bucket="examples-bucket", opts=in_west)

pulumi.export("region", aws.get_region_output(opts=pulumi.InvokeOptions(provider=west)).region)
pulumi.export("account", aws.get_caller_identity(opts=pulumi.InvokeOptions(provider=west)).account_id)
pulumi.export("secret_name", secret.name)
pulumi.export("role_name", reader.role.name)
pulumi.export("bucket", bucket.bucket)
pulumi.export("value", version.secret_string)
