"""The kinds that one or two examples use."""

from kinds import kind

AssetResource = kind("asset-archive:index:AssetResource", "value")
ArchiveResource = kind("asset-archive:index:ArchiveResource", "value")
Container = kind("nestedobject:index:Container", "inputs", "details")
FailOnCreate = kind("fail_on_create:index:Resource", "value")
LargeString = kind("large:index:String", "value")
Named = kind("unique:index:Named", "name", "text")
Output = kind("output:index:Resource", "value", "output")
Primitive = kind("primitive:index:Resource")
Replaced = kind("replaceonchanges:index:Resource", "value", "replaceProp")
Target = kind("nestedobject:index:Target", "name")
