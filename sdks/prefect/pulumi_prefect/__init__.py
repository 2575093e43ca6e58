# coding=utf-8
# *** This file is generated from schema.json by `make sdk`: change the catalogue, not this file. ***
"""Manage Prefect as code."""

from . import _utilities, outputs
from .block import *
from .deployment import *
from .flow import *
from .provider import *
from .variable import *
from .work_pool import *
from .work_queue import *
from ._inputs import *

_utilities.register(
    resource_modules="""
[
 {
  "pkg": "prefect",
  "mod": "index/block",
  "fqn": "pulumi_prefect",
  "classes": {
   "prefect:index/block:Block": "Block"
  }
 },
 {
  "pkg": "prefect",
  "mod": "index/deployment",
  "fqn": "pulumi_prefect",
  "classes": {
   "prefect:index/deployment:Deployment": "Deployment"
  }
 },
 {
  "pkg": "prefect",
  "mod": "index/flow",
  "fqn": "pulumi_prefect",
  "classes": {
   "prefect:index/flow:Flow": "Flow"
  }
 },
 {
  "pkg": "prefect",
  "mod": "index/variable",
  "fqn": "pulumi_prefect",
  "classes": {
   "prefect:index/variable:Variable": "Variable"
  }
 },
 {
  "pkg": "prefect",
  "mod": "index/workPool",
  "fqn": "pulumi_prefect",
  "classes": {
   "prefect:index/workPool:WorkPool": "WorkPool"
  }
 },
 {
  "pkg": "prefect",
  "mod": "index/workQueue",
  "fqn": "pulumi_prefect",
  "classes": {
   "prefect:index/workQueue:WorkQueue": "WorkQueue"
  }
 }
]
""",
    resource_packages="""
[
 {
  "pkg": "prefect",
  "token": "pulumi:providers:prefect",
  "fqn": "pulumi_prefect",
  "class": "Provider"
 }
]
""",
)
