"""Package `testprovider`."""

from kinds import kind, provider

Provider = provider("testprovider")
Echo = kind("testprovider:index:Echo", "echo")
Random = kind("testprovider:index:Random", "length", "result")
FailsOnDelete = kind("testprovider:index:FailsOnDelete")
