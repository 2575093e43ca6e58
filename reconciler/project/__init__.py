"""Pulumi.yaml and Pulumi.<stack>.yaml."""
