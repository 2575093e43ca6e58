"""What policies said of a run: the `Policies:` section, the lines of a difference, engine events.

Source: facts/engine-contract.md §8.3; pulumi/pulumi, pkg/backend/display (progress.go, diff.go).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from reconciler.cli.redact import Blinders, Redactor
from reconciler.cli.render import values
from reconciler.cli.render.colours import Style, plain
from reconciler.cli.render.values import Look
from reconciler.cli.render.views import Display
from reconciler.contract.policies import Level, PackInfo
from reconciler.deploy import events
from reconciler.model import codec, urns
from reconciler.model.values import same

Told: TypeAlias = "Sequence[events.PolicyViolated | events.PolicyRemediated]"

_ITEM: Final = " " * 8
_LONGEST_PATH: Final = 75


def is_mandatory(event: events.Event) -> bool:
    """Is it the violation of a policy that must be kept?"""
    return isinstance(event, events.PolicyViolated) and event.violation.level is Level.MANDATORY


def learn(event: events.PolicyViolated | events.PolicyRemediated, redactor: Redactor) -> None:
    """Learn the secrets that the policy saw: it may say them."""
    redactor.learn_values(event.inputs if isinstance(event, events.PolicyViolated) else event.before)


def in_short(event: events.PolicyViolated) -> str:
    """The violation in the Info column while the run goes on."""
    violation = event.violation
    return f"{violation.level}: {violation.policy} ({violation.pack}@v{violation.version})"


def as_diagnostic(event: events.PolicyViolated) -> events.Diagnostic:
    """The violation as a message about its resource, for who knows messages only."""
    severity = events.Severity.ERROR if is_mandatory(event) else events.Severity.WARNING
    return events.Diagnostic(f"[{in_short(event)}] {event.violation.message}", severity, event.urn)


def section(packs: Sequence[PackInfo], told: Told, redactor: Redactor, display: Display) -> Iterator[str]:
    """`Policies:`, by pack: remediations first, since they happen first, then violations."""
    if not packs:
        return
    yield f"\n{display.painter.heading('Policies:')}\n"
    paths: dict[str, list[str]] = {}
    for pack in packs:
        paths.setdefault(_key(pack), []).append(_abbreviated(pack.path))
    failed = {_key(pack) for pack in packs if pack.has_failed}
    by_pack: dict[str, list[events.PolicyViolated | events.PolicyRemediated]] = {key: [] for key in paths}
    for event in told:
        by_pack.setdefault(_pack_of(event), []).append(event)
    for key in sorted(by_pack):
        violations = [event for event in by_pack[key] if isinstance(event, events.PolicyViolated)]
        place = f" (local: {'; '.join(sorted(paths[key]))})" if key in paths else ""
        yield f"    {_mark(violations, has_failed=key in failed)} {display.painter.paint(key, Style.MAGENTA)}{place}\n"
        yield from _remediations([item for item in by_pack[key] if isinstance(item, events.PolicyRemediated)], display)
        for event in sorted(violations, key=lambda item: (item.violation.level, item.violation.policy, item.urn)):
            yield from _violation(event, redactor, display, title=f"{_ITEM}- ", indent=f"{_ITEM}  ")


def packs_run(packs: Sequence[PackInfo], display: Display) -> Iterator[str]:
    """`Policy Packs run:`, for a difference, which tells violations as they come."""
    if not packs:
        return
    rows = sorted({(pack.name, pack.version) for pack in packs})
    width = max(len("Name"), *(len(name) for name, _version in rows))
    name, version = (display.painter.paint(text, Style.UNDERLINE, Style.BRIGHT_BLUE) for text in ("Name", "Version"))
    yield f"\n{display.painter.heading('Policy Packs run:')}\n"
    yield f"    {name}{' ' * (width - len('Name'))}  {version}\n"
    for name, version in rows:
        yield f"    {name:<{width}}  {version}\n"


def lines(
    event: events.PolicyViolated | events.PolicyRemediated, redactor: Redactor, display: Display
) -> Iterator[str]:
    """One event among the steps of a difference."""
    pack = "    " + display.painter.paint(_pack_of(event), Style.MAGENTA) + " "
    if isinstance(event, events.PolicyViolated):
        yield from _violation(event, redactor, display, title=pack, indent="    ")
    elif event.remediation.properties is not None:
        look = Look(display.painter, show_secrets=display.show_secrets, full=display.full_values)
        yield f"{pack}{_remediation_title(event, display)}\n"
        changed = values.changed_map(event.before, event.remediation.properties, depth=2, look=look)
        yield from (f"{line}\n" for line in changed)


def event_body(event: events.PolicyEvent, redactor: Redactor) -> Mapping[str, object]:
    """The engine event's one key and its fields."""
    match event:
        case events.PoliciesLoading():
            return {"policyLoadEvent": {}}
        case events.PolicyViolated():
            violation = event.violation
            data: dict[str, object] = {"resourceUrn": event.urn} if event.urn else {}
            data |= {"message": redactor.mask(plain(violation.message)) + "\n", "color": "never"}
            data |= {"policyName": violation.policy, **_pack_fields(violation.pack, violation.version)}
            data |= {"enforcementLevel": violation.level.value}
            return {"policyEvent": data | ({"severity": violation.severity} if violation.severity else {})}
        case events.PolicyRemediated():
            made = event.remediation
            return {
                "policyRemediationEvent": {
                    "resourceUrn": event.urn,
                    "color": "never",
                    "policyName": made.policy,
                    **_pack_fields(made.pack, made.version),
                    "before": codec.encode_map(event.before, Blinders()),
                    "after": codec.encode_map(made.properties or {}, Blinders()),
                }
            }
        case events.PoliciesSummarized():
            about = {} if event.call is events.PolicyCall.ANALYZE_STACK else {"resourceUrn": event.urn}
            found = {"passed": list(event.passed), "failed": list(event.failed)}
            fields = {**about, **_pack_fields(event.pack, event.version)}
            return {f"{event.call}SummaryEvent": fields | {name: names for name, names in found.items() if names}}


def packs_field(packs: Sequence[PackInfo]) -> Mapping[str, str]:
    """The field `PolicyPacks` of a summary event: a name that tells the folder, too -> version."""
    return {f"{pack.name}|local|{_abbreviated(pack.path)}": pack.version for pack in packs}


def _pack_fields(pack: str, version: str) -> dict[str, object]:
    return {"policyPackName": pack, "policyPackVersion": version, "policyPackVersionTag": version}


def _pack_of(event: events.PolicyViolated | events.PolicyRemediated) -> str:
    of = event.violation if isinstance(event, events.PolicyViolated) else event.remediation
    return f"{of.pack}@v{of.version}"


def _key(pack: PackInfo) -> str:
    return f"{pack.name}@v{pack.version}"


def _mark(violations: Sequence[events.PolicyViolated], *, has_failed: bool) -> str:
    if has_failed or any(map(is_mandatory, violations)):
        return "❌"
    return "⚠️" if violations else "✅"


def _violation(
    event: events.PolicyViolated, redactor: Redactor, display: Display, *, title: str, indent: str
) -> Iterator[str]:
    violation = event.violation
    colour = Style.RED if violation.level is Level.MANDATORY else Style.YELLOW
    severity = f"[severity: {violation.severity}]  " if violation.severity else ""
    named = display.painter.paint(f"[{violation.level}]  {severity}{violation.policy}", colour)
    yield f"{title}{named}  {_subject(event.urn)}\n"
    for line in redactor.mask(plain(violation.message)).strip("\n").splitlines():
        yield f"{indent}{line}".rstrip() + "\n"


def _remediations(made: Sequence[events.PolicyRemediated], display: Display) -> Iterator[str]:
    if display.show_policy_remediations:
        for event in made:
            yield f"{_ITEM}- {_remediation_title(event, display)} {_changed_keys(event)}\n"
        return
    for policy, many in sorted(Counter(event.remediation.policy for event in made).items()):
        named = display.painter.paint(f"[remediate]  {policy}", Style.MAGENTA)
        yield f"{_ITEM}- {named}  ({many} {'resource' if many == 1 else 'resources'})\n"


def _remediation_title(event: events.PolicyRemediated, display: Display) -> str:
    named = display.painter.paint(f"[remediate]  {event.remediation.policy}", Style.MAGENTA)
    return f"{named}  {_subject(event.urn)}"


def _changed_keys(event: events.PolicyRemediated) -> str:
    """`[+tags~size]`: which properties a remediation added, removed and changed."""
    before, after = event.before, event.remediation.properties or {}
    changed = {name for name in before.keys() & after.keys() if not same(before[name], after[name])}
    signs = {"+": after.keys() - before.keys(), "-": before.keys() - after.keys(), "~": changed}
    return f"[{''.join(sign + ','.join(sorted(names)) for sign, names in signs.items() if names)}]"


def _subject(urn: str) -> str:
    return f"({urns.type_token(urn)}: {urns.name(urn)})" if urn else "(the stack)"


def _abbreviated(path: str) -> str:
    """A long path by its first two and last two folders."""
    parts = path.split("/")
    return "/".join((*parts[:2], "...", *parts[-2:])) if len(path) > _LONGEST_PATH and len(parts) > 4 else path
