import pulumi

OPTIONS = pulumi.ResourceOptions(import_="fakeID123")
