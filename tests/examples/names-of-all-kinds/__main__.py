"""Names that are words of languages, of this protocol, or of no alphabet: of resources, properties, keys, outputs."""

import pulumi
from pulumi_more_kinds import Primitive
from pulumi_testprovider import Echo

names = ["class", "import", "a-b.c_d", "with space", "quote'\"s", "slash/ed", "dollar$", "Ünï→", "x" * 100]
for name in names:
    Echo(name, echo=name)

keys = {"if": 1, "camelCase": 2, "snake_case": 3, "kebab-case": 4, "a.b[0]": 5, "": 6, "id": 7, "urn": 8, "$ref": 9}
nested = Echo("keys", echo={**keys, "deeper": [keys]})
words = Primitive(
    "words", **{"class": "c", "import": "i", "some_name": "s", "someName": "S", "version": "v", "name": "n"}
)
pulumi.export("keys", nested.echo)
for name in ("class", "kebab-case", "snake_case", "with space", "outputs"):
    pulumi.export(name, name)
pulumi.export("read", [getattr(words, "class"), words.some_name, words.someName, words.version])
