"""Which name the stack's configuration proposes for which resource, and how binding it is."""

from __future__ import annotations

import re

import pytest

from reconciler import errors
from reconciler.contract.protocol import Autonaming, NamingMode
from reconciler.plan.autonaming import NamingRules, read_rules

BUCKET = "urn:pulumi:dev::shop::shop:index:Lake$aws:s3/bucket:Bucket::raw"
ROLE = "urn:pulumi:dev::shop::aws:iam/role:Role::raw"
TABLE = "urn:pulumi:dev::shop::snowflake:index/table:Table::raw"
PROVIDER = "urn:pulumi:dev::shop::pulumi:providers:aws::default"
SEED = bytes(range(32))


def rules(config):
    return read_rules(
        config, organization="acme", project="shop", stack="dev", find_config={"team": "blue", "net.zone": "b"}.get
    )


@pytest.mark.parametrize(
    ("config", "urn", "expected"),
    [
        pytest.param(None, BUCKET, None, id="no-configuration"),
        pytest.param({}, BUCKET, None, id="an-empty-one"),
        pytest.param({"mode": "default"}, BUCKET, None, id="default-leaves-it-to-the-provider"),
        pytest.param({"mode": "verbatim"}, BUCKET, ("enforce", "raw", True), id="verbatim-enforces-the-logical-name"),
        pytest.param({"mode": "disabled"}, BUCKET, ("disable", "", False), id="disabled-has-no-name"),
        pytest.param({"pattern": "${name}-x"}, BUCKET, ("propose", "raw-x", False), id="a-pattern-proposes"),
        pytest.param(
            {"pattern": "${name}", "enforce": True}, BUCKET, ("enforce", "raw", True), id="unless-it-is-enforced"
        ),
        pytest.param(
            {"pattern": "${organization}/${project}/${stack}/${config.team}/${config.net.zone}"},
            BUCKET,
            ("propose", "acme/shop/dev/blue/b", False),
            id="parts-of-the-stack",
        ),
        pytest.param(
            {"pattern": "x-${nothing}-${hex(n)}"}, BUCKET, ("propose", "x-${nothing}-${hex(n)}", False), id="other-text"
        ),
        pytest.param(
            {"mode": "verbatim", "providers": {"aws": {"pattern": "a-${name}"}}},
            BUCKET,
            ("propose", "a-raw", True),
            id="a-provider-beats-the-stack",
        ),
        pytest.param(
            {"mode": "verbatim", "providers": {"aws": {"pattern": "a-${name}"}}},
            TABLE,
            ("enforce", "raw", True),
            id="and-says-nothing-of-others",
        ),
        pytest.param(
            {"providers": {"aws": {"mode": "disabled", "resources": {"aws:s3/bucket:Bucket": {"mode": "verbatim"}}}}},
            BUCKET,
            ("enforce", "raw", True),
            id="a-type-beats-its-provider",
        ),
        pytest.param(
            {"providers": {"aws": {"mode": "disabled", "resources": {"aws:s3/bucket:Bucket": {"mode": "verbatim"}}}}},
            ROLE,
            ("disable", "", True),
            id="and-says-nothing-of-other-types",
        ),
        pytest.param(
            {"mode": "verbatim", "providers": {"aws": {"mode": "default"}}}, BUCKET, None, id="back-to-the-default"
        ),
        pytest.param({"mode": "disabled"}, PROVIDER, None, id="providers-are-not-named"),
    ],
)
def test_the_most_specific_rule_counts(config, urn, expected):
    named = None if expected is None else Autonaming(mode=NamingMode(expected[0]), name=expected[1])

    found = rules(config).of(urn, SEED)

    assert (found and (found.mode, found.name)) == (named and (named.mode, named.name))
    assert found is None or expected[2] is (found.must_be_known)


@pytest.mark.parametrize(
    ("pattern", "shape"),
    [
        pytest.param("${name}-${hex(7)}", "raw-[0-9a-f]{7}", id="hex"),
        pytest.param("${alphanum(12)}", "[a-z0-9]{12}", id="alphanum"),
        pytest.param("${string(5)}${num(3)}", "[a-z]{5}[0-9]{3}", id="letters-and-digits"),
        pytest.param("${uuid}", "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", id="uuid"),
    ],
)
def test_random_parts_come_from_the_seed_alone(pattern, shape):
    naming = rules({"pattern": pattern})

    first, again, other = (naming.of(BUCKET, seed).name for seed in (SEED, SEED, bytes(32)))

    assert re.fullmatch(shape, first)
    assert first == again
    assert first != other
    assert not naming.deletes_first(BUCKET)


def test_equal_expressions_in_one_pattern_draw_apart():
    first, second = rules({"pattern": "${hex(16)}.${hex(16)}"}).of(BUCKET, SEED).name.split(".")

    assert first != second


def test_a_logical_name_is_not_read_as_a_pattern():
    urn = BUCKET.replace("::raw", "::${hex(4)}")

    assert rules({"mode": "verbatim"}).of(urn, SEED).name == "${hex(4)}"


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        pytest.param({}, False, id="the-provider-knows"),
        pytest.param({"mode": "verbatim"}, True, id="verbatim"),
        pytest.param({"mode": "disabled"}, True, id="disabled"),
        pytest.param({"pattern": "${stack}-${name}"}, True, id="a-pattern-without-chance"),
        pytest.param({"pattern": "${name}${num(2)}"}, False, id="a-pattern-with-chance"),
    ],
)
def test_without_chance_in_the_name_the_old_object_goes_first(config, expected):
    assert rules(config).deletes_first(BUCKET) is expected


@pytest.mark.parametrize(
    ("config", "words"),
    [
        pytest.param({"mode": "verbatim", "pattern": "x"}, "cannot specify both mode and pattern/enforce", id="both"),
        pytest.param({"mode": "verbatim", "enforce": True}, "cannot specify both mode", id="mode-and-enforce"),
        pytest.param({"mode": "loud"}, "invalid naming mode: loud", id="unknown-mode"),
        pytest.param({"patern": "x"}, "there is no setting patern", id="misspelt"),
        pytest.param({"resources": {}}, "there is no setting resources", id="resources-of-no-provider"),
        pytest.param({"pattern": "${config.nope}"}, "config value nope, which is not set", id="missing-config"),
        pytest.param({"pattern": 1}, "pattern is a text", id="not-a-text"),
        pytest.param("verbatim", "must be a map", id="not-a-map"),
        pytest.param({"providers": {"aws": "verbatim"}}, "providers.aws must be a map", id="a-provider-is-a-map"),
        pytest.param({"providers": {"aws": {"resources": 1}}}, "resources must be a map", id="so-are-resources"),
    ],
)
def test_rules_of_another_form_are_refused(config, words):
    with pytest.raises(errors.ProjectError, match="autonaming") as raised:
        rules(config)

    assert words in str(raised.value)


def test_no_rules_name_nothing():
    assert NamingRules().of(BUCKET, SEED) is None
    assert not NamingRules().names(BUCKET)
