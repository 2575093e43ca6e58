"""From a Pulumi package schema to the source of its Python SDK, in the shape of the official generator's.

One module per resource, nested types in `_inputs` and `outputs`, names in
snake_case with their wire names beside them.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

HEADER = """# coding=utf-8
# *** This file is generated from schema.json by `make sdk`: change the catalogue, not this file. ***

import builtins as _builtins
import sys
from typing import Any, Mapping, Optional, Sequence, Union

import pulumi
import pulumi.runtime

if sys.version_info >= (3, 11):
    from typing import NotRequired, TypedDict
else:
    from typing_extensions import NotRequired, TypedDict
"""

UTILITIES = '''# coding=utf-8
# *** This file is generated from schema.json by `make sdk`: change the catalogue, not this file. ***

import importlib
import json

import pulumi
import pulumi.runtime
from semver import VersionInfo as SemverVersion

_version_str = "{version}"
_version = SemverVersion.parse(_version_str)


def get_version():
    return _version_str


def get_resource_opts_defaults() -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(version=_version_str)


def get_resource_args_opts(resource_args_type, resource_options_type, *args, **kwargs):
    """
    Return the resource args and options given the *args and **kwargs of a resource's __init__ method.
    """
    resource_args, opts = None, None
    if args and isinstance(args[0], resource_args_type):
        resource_args, args = args[0], args[1:]
    if args and isinstance(args[0], resource_options_type):
        opts = args[0]
    if resource_args is None and isinstance(kwargs.get("args"), resource_args_type):
        resource_args = kwargs["args"]
    if opts is None:
        opts = kwargs.get("opts")
    return resource_args, opts


class Package(pulumi.runtime.ResourcePackage):
    def __init__(self, pkg_info):
        super().__init__()
        self.pkg_info = pkg_info

    def version(self):
        return _version

    def construct_provider(self, name: str, typ: str, urn: str) -> pulumi.ProviderResource:
        if typ != self.pkg_info["token"]:
            raise Exception(f"unknown provider type {{typ}}")
        provider = getattr(importlib.import_module(self.pkg_info["fqn"]), self.pkg_info["class"])
        return provider(name, pulumi.ResourceOptions(urn=urn))


class Module(pulumi.runtime.ResourceModule):
    def __init__(self, mod_info):
        super().__init__()
        self.mod_info = mod_info

    def version(self):
        return _version

    def construct(self, name: str, typ: str, urn: str) -> pulumi.Resource:
        class_name = self.mod_info["classes"].get(typ, None)
        if class_name is None:
            raise Exception(f"unknown resource type {{typ}}")
        the_class = getattr(importlib.import_module(self.mod_info["fqn"]), class_name)
        return the_class(name, pulumi.ResourceOptions(urn=urn))


def register(resource_modules, resource_packages):
    for pkg_info in json.loads(resource_packages):
        pulumi.runtime.register_resource_package(pkg_info["pkg"], Package(pkg_info))
    for mod_info in json.loads(resource_modules):
        pulumi.runtime.register_resource_module(mod_info["pkg"], mod_info["mod"], Module(mod_info))
'''

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PLAIN = {
    "string": "_builtins.str",
    "boolean": "_builtins.bool",
    "integer": "_builtins.int",
    "number": "_builtins.float",
}


def sources(schema: Schema) -> dict[str, str]:
    """File name -> content, of the whole Python package."""
    files = {
        "_utilities.py": UTILITIES.format(version=schema["version"]),
        "_inputs.py": HEADER
        + "\n".join(_all([f"{name}{end}" for name in _types(schema) for end in ("Args", "ArgsDict")]))
        + "".join(_input_type(name, described) for name, described in _types(schema).items()),
        "outputs.py": HEADER
        + "\n".join(_all(list(_types(schema))))
        + "".join(_output_type(name, described) for name, described in _types(schema).items()),
        "provider.py": _resource_module(
            f"pulumi:providers:{schema['name']}", "Provider", schema["provider"], is_provider=True
        ),
        "pulumi-plugin.json": json.dumps(
            {"resource": True, "name": schema["name"], "version": schema["version"]}, indent=2
        )
        + "\n",
        "py.typed": "",
    }
    classes = {}
    for token, resource in schema["resources"].items():
        class_name = token.rpartition(":")[2]
        classes[token] = class_name
        files[f"{snake(class_name)}.py"] = _resource_module(token, class_name, resource, is_provider=False)
    files["__init__.py"] = _package_module(schema, classes)
    return files


def snake(name: str) -> str:
    """The snake_case form of a wire name or class name."""
    return _WORD.sub("_", name).lower()


def _package_module(schema: Schema, classes: Mapping[str, str]) -> str:
    package = f"pulumi_{schema['name']}"
    modules = [
        {"pkg": schema["name"], "mod": token.split(":")[1], "fqn": package, "classes": {token: class_name}}
        for token, class_name in classes.items()
    ]
    packages = [
        {"pkg": schema["name"], "token": f"pulumi:providers:{schema['name']}", "fqn": package, "class": "Provider"}
    ]
    lines = [
        "# coding=utf-8",
        "# *** This file is generated from schema.json by `make sdk`: change the catalogue, not this file. ***",
        f'"""{schema["description"]}"""',
        "",
        "from . import _utilities, outputs",
        *(f"from .{snake(class_name)} import *" for class_name in sorted([*classes.values(), "Provider"])),
        "from ._inputs import *",
        "",
        "_utilities.register(",
        '    resource_modules="""',
        json.dumps(modules, indent=1),
        '""",',
        '    resource_packages="""',
        json.dumps(packages, indent=1),
        '""",',
        ")",
    ]
    return "\n".join(lines) + "\n"


def _resource_module(token: str, class_name: str, resource: Schema, *, is_provider: bool) -> str:
    inputs: Schema = resource["inputProperties"]
    required = set(resource.get("requiredInputs", ()))
    # Required arguments first, as the official generator orders them.
    ordered = [name for name in inputs if name in required] + [name for name in inputs if name not in required]
    lines = [
        HEADER.rstrip("\n"),
        "from . import _utilities, outputs",
        "from ._inputs import *",
        "",
        f"__all__ = ['{class_name}Args', '{class_name}']",
        "",
        "",
        *_args_class(
            f"{class_name}Args",
            f"The set of arguments for constructing a {class_name} resource.",
            inputs,
            ordered,
            required,
        ),
        "",
        "",
        f'@pulumi.type_token("{token}")',
        f"class {class_name}(pulumi.{'ProviderResource' if is_provider else 'CustomResource'}):",
        "    def __init__(__self__, resource_name: str, *args, **kwargs):",
        *_doc(
            [
                resource["description"],
                "",
                ":param str resource_name: The name of the resource.",
                ":param pulumi.ResourceOptions opts: Options for the resource.",
                *(_param(name, inputs[name]) for name in ordered),
            ],
            8,
        ),
        "        resource_args, opts = _utilities.get_resource_args_opts(",
        f"            {class_name}Args, pulumi.ResourceOptions, *args, **kwargs)",
        "        if resource_args is not None:",
        "            __self__._internal_init(resource_name, opts, **resource_args.__dict__)",
        "        else:",
        "            __self__._internal_init(resource_name, *args, **kwargs)",
        "",
        *_internal_init(token, class_name, resource, ordered, required, is_provider=is_provider),
    ]
    if not is_provider:
        lines += _get(class_name, resource)
    shown = resource["properties"]
    always = set(resource.get("required", ()))
    for name, described in shown.items():
        annotation = python_type(described, output=True)
        kind = annotation if name in always else f"Optional[{annotation}]"
        lines += ["", *_getter(name, f"pulumi.Output[{kind}]", described)]
    return "\n".join(lines) + "\n"


def _args_class(name: str, doc: str, properties: Schema, ordered: list[str], required: set[str]) -> list[str]:
    lines = ["@pulumi.input_type", f"class {name}:", "    def __init__(__self__, *,"]
    signature = [
        f"                 {snake(each)}: {_annotation(properties[each], each in required)}"
        + ("" if each in required else " = None")
        for each in ordered
    ]
    lines += [f"{argument}," for argument in signature[:-1]] + [f"{signature[-1]}):"]
    lines += _doc([doc, "", *(_param(each, properties[each]) for each in ordered)], 8)
    for each in ordered:
        setting = f'pulumi.set(__self__, "{snake(each)}", {snake(each)})'
        lines += (
            [f"        {setting}"]
            if each in required
            else [f"        if {snake(each)} is not None:", f"            {setting}"]
        )
    for each in ordered:
        annotation = _annotation(properties[each], each in required)
        lines += ["", *_getter(each, annotation, properties[each])]
        lines += [
            "",
            f"    @{snake(each)}.setter",
            f"    def {snake(each)}(self, value: {annotation}):",
            f'        pulumi.set(self, "{snake(each)}", value)',
        ]
    return lines


def _internal_init(
    token: str, class_name: str, resource: Schema, ordered: list[str], required: set[str], *, is_provider: bool
) -> Iterator[str]:
    inputs = resource["inputProperties"]
    yield "    def _internal_init(__self__,"
    yield "                 resource_name: str,"
    yield "                 opts: Optional[pulumi.ResourceOptions] = None,"
    for name in ordered:
        yield f"                 {snake(name)}: {_annotation(inputs[name], required=False, dictionaries=True)} = None,"
    yield "                 __props__=None):"
    yield "        opts = pulumi.ResourceOptions.merge(_utilities.get_resource_opts_defaults(), opts)"
    yield "        if not isinstance(opts, pulumi.ResourceOptions):"
    yield "            raise TypeError('Expected resource options to be a ResourceOptions instance')"
    yield "        if opts.id is None:"
    yield "            if __props__ is not None:"
    yield "                raise TypeError('__props__ is only valid with opts.id, to get an existing resource')"
    yield f"            __props__ = {class_name}Args.__new__({class_name}Args)"
    yield ""
    for name in ordered:
        argument = snake(name)
        if name in required:
            yield f"            if {argument} is None and not opts.urn:"
            yield f"                raise TypeError(\"Missing required property '{argument}'\")"
        value = argument
        if is_provider and inputs[name].get("type") != "string":
            # Settings travel as text.
            value = f"pulumi.Output.from_input({value}).apply(pulumi.runtime.to_json)"
        if inputs[name].get("secret"):
            value = f"pulumi.Output.secret({value})"
        if value != argument:
            value = f"None if {argument} is None else {value}"
        yield f'            __props__.__dict__["{argument}"] = {value}'
    for name in resource["properties"]:
        if name not in inputs:
            yield f'            __props__.__dict__["{snake(name)}"] = None'
    secret = [name for name, described in resource["properties"].items() if described.get("secret")]
    if secret:
        listed = ", ".join(f'"{name}"' for name in secret)
        yield f"        secret_opts = pulumi.ResourceOptions(additional_secret_outputs=[{listed}])"
        yield "        opts = pulumi.ResourceOptions.merge(opts, secret_opts)"
    yield f"        super({class_name}, __self__).__init__("
    yield f"            '{token.rpartition(':')[2] if is_provider else token}',"
    yield "            resource_name,"
    yield "            __props__,"
    yield "            opts)"


def _get(class_name: str, resource: Schema) -> list[str]:
    lines = [
        "",
        "    @staticmethod",
        "    def get(resource_name: str,",
        "            id: pulumi.Input[str],",
        f"            opts: Optional[pulumi.ResourceOptions] = None) -> '{class_name}':",
        *_doc(
            [
                f"Get an existing {class_name} resource's state with the given name and id.",
                "",
                ":param str resource_name: The unique name of the resulting resource.",
                ":param pulumi.Input[str] id: The unique provider ID of the resource to lookup.",
                ":param pulumi.ResourceOptions opts: Options for the resource.",
            ],
            8,
        ),
        "        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))",
        "",
        f"        __props__ = {class_name}Args.__new__({class_name}Args)",
        "",
    ]
    lines += [f'        __props__.__dict__["{snake(name)}"] = None' for name in resource["properties"]]
    return [*lines, f"        return {class_name}(resource_name, opts=opts, __props__=__props__)"]


def _getter(name: str, annotation: str, described: Schema) -> list[str]:
    getter = "@pulumi.getter" if snake(name) == name else f'@pulumi.getter(name="{name}")'
    lines = ["    @_builtins.property", f"    {getter}", f"    def {snake(name)}(self) -> {annotation}:"]
    if described.get("description"):
        lines += _doc([described["description"]], 8)
    return [*lines, f'        return pulumi.get(self, "{snake(name)}")']


def _input_type(name: str, described: Schema) -> str:
    properties, required = described["properties"], set(described.get("required", ()))
    ordered = [each for each in properties if each in required] + [each for each in properties if each not in required]
    lines = ["", "", f"class {name}ArgsDict(TypedDict):"]
    for each in ordered:
        annotation = _annotation(properties[each], each in required)
        lines += [f"    {snake(each)}: {annotation if each in required else f'NotRequired[{annotation}]'}"]
        lines += _doc([properties[each].get("description", "")], 4)
    lines += ["", "", *_args_class(f"{name}Args", f"The set of arguments of a {name}.", properties, ordered, required)]
    return "\n".join(lines) + "\n"


def _output_type(name: str, described: Schema) -> str:
    properties, required = described["properties"], set(described.get("required", ()))
    ordered = [each for each in properties if each in required] + [each for each in properties if each not in required]
    lines = ["", "", "@pulumi.output_type", f"class {name}(dict):", "    def __init__(__self__, *,"]
    signature = []
    for each in ordered:
        annotation = python_type(properties[each], output=True)
        signature.append(
            f"                 {snake(each)}: " + (annotation if each in required else f"Optional[{annotation}] = None")
        )
    lines += [f"{argument}," for argument in signature[:-1]] + [f"{signature[-1]}):"]
    for each in ordered:
        setting = f'pulumi.set(__self__, "{snake(each)}", {snake(each)})'
        lines += (
            [f"        {setting}"]
            if each in required
            else [f"        if {snake(each)} is not None:", f"            {setting}"]
        )
    for each in ordered:
        annotation = python_type(properties[each], output=True)
        lines += ["", *_getter(each, annotation if each in required else f"Optional[{annotation}]", properties[each])]
    return "\n".join(lines) + "\n"


def python_type(described: Schema, *, output: bool, dictionaries: bool = False) -> str:
    """The annotation of a property; inputs may be outputs of other resources at any depth.

    `dictionaries` admits them where a nested type is meant. Classes of arguments
    must not: the SDK finds wire names of nested keys by the one class that it sees there.
    """

    def wrapped(inner: str) -> str:
        return inner if output else f"pulumi.Input[{inner}]"

    reference = described.get("$ref", "")
    if reference.startswith("#/types/"):
        name = reference.rpartition(":")[2]
        if output:
            return f"'outputs.{name}'"
        return f"Union['{name}Args', '{name}ArgsDict']" if dictionaries else f"'{name}Args'"
    match described.get("type"):
        case "array":
            item = python_type(described["items"], output=output, dictionaries=dictionaries)
            return f"Sequence[{wrapped(item)}]"
        case "object":
            value = python_type(described["additionalProperties"], output=output, dictionaries=dictionaries)
            return f"Mapping[str, {wrapped(value)}]"
        case str() as plain:
            return _PLAIN[plain]
        case _:
            return "Any"


def _annotation(described: Schema, required: bool, *, dictionaries: bool = False) -> str:
    inner = python_type(described, output=False, dictionaries=dictionaries)
    return f"pulumi.Input[{inner}]" if required else f"pulumi.Input[Optional[{inner}]]"


def _param(name: str, described: Schema) -> str:
    doc = described.get("description", "")
    return f":param {_annotation(described, required=True)} {snake(name)}:{' ' if doc else ''}{doc}"


def _doc(lines: list[str], indent: int) -> list[str]:
    space = " " * indent
    wrapped = [
        part for line in lines for part in (textwrap.wrap(line, 110 - indent) if line and line[0] != ":" else [line])
    ]
    return [f'{space}"""', *(f"{space}{line}" if line else "" for line in wrapped), f'{space}"""']


def _types(schema: Schema) -> dict[str, Schema]:
    return {token.rpartition(":")[2]: described for token, described in schema["types"].items()}


def _all(names: list[str]) -> list[str]:
    return ["", "__all__ = [", *(f"    '{name}'," for name in names), "]", ""]
