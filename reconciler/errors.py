"""Every error that we raise on purpose, in one tree.

Imports nothing, so that any layer can raise and catch. Each class keeps its
facts as attributes (strings, numbers, tuples) and builds its message from
them; the text that users see is rendered in one place, `cli.explain`.
"""

from __future__ import annotations

from collections.abc import Sequence


class ReconcilerError(Exception):
    """An error raised on purpose. `summary` is constant text without names in it.

    `help` is the command or edit that usually helps, told where there is no `hint`, which helps just here.
    """

    summary = "Something went wrong"
    help = ""

    def __init__(self, detail: str = "", *, hint: str = "") -> None:
        self.detail = detail
        self.hint = hint
        super().__init__(f"{self.summary}: {detail}" if detail else self.summary)


class UsageError(ReconcilerError):
    """The command line, or the state of the workspace, cannot mean anything."""

    summary = "Invalid usage"
    help = "`--help` after the command shows what it takes"


class NoStackSelectedError(UsageError):
    """A command needs a stack, and neither the line nor the workspace names one."""

    summary = "No stack is selected"
    help = "`pulumi stack select NAME` chooses one, `pulumi stack init NAME` makes one"


class CancelledError(ReconcilerError):
    """The person stopped the run; what was done is saved."""

    summary = "The operation was cancelled"


class ProjectError(ReconcilerError):
    """Pulumi.yaml or a stack's config file: which file, which key, what was expected."""

    summary = "The project cannot be read"
    help = "correct the file at the place that is named"

    def __init__(self, detail: str, *, file: str = "", key: str = "", hint: str = "") -> None:
        self.file = file
        self.key = key
        place = ": ".join(part for part in (file, key) if part)
        super().__init__(f"{place}: {detail}" if place else detail, hint=hint)


class ProgramError(ReconcilerError):
    """The user's program failed. `told`: why has been told already, by the program itself."""

    summary = "The program failed"
    help = "correct the program where the traceback ends; nothing was deleted"

    def __init__(self, detail: str, *, told: bool = False, hint: str = "") -> None:
        self.told = told
        super().__init__(detail, hint=hint)


class HookError(ProgramError):
    """A hook of the program failed, or state names one that the program did not register."""

    summary = "A resource hook failed"
    help = "correct the hook, or take it off the resource"


class StateError(ReconcilerError):
    """The stack's state cannot be used as it is."""

    summary = "The state cannot be used"
    help = "`pulumi stack export` shows the state, `pulumi stack history` its earlier versions"


class CheckpointFormatError(StateError):
    """A state file is not a checkpoint, or is of a version that we do not know."""

    summary = "The state file is not a checkpoint that this version can read"
    help = "`pulumi stack export --version N` has an earlier version; the `.bak` file beside the state the last one"


class SnapshotIntegrityError(StateError):
    """A snapshot breaks its own rules. `findings` names each break; the text shows the first `SHOWN`."""

    summary = "snapshot integrity failure; refusing to use it"
    help = "`pulumi state repair` mends what can be mended; --disable-integrity-checking works on it as it is"
    SHOWN = 5

    def __init__(self, findings: Sequence[str], *, hint: str = "") -> None:
        self.findings = tuple(findings)
        shown = "; ".join(self.findings[: self.SHOWN])
        more = len(self.findings) - self.SHOWN
        super().__init__(f"{shown}; and {more} more" if more > 0 else shown, hint=hint)


class StateEditError(StateError):
    """An edit of the state was asked for that would leave it wrong, or that names what is not there."""

    summary = "The state cannot be edited like this"
    help = "`pulumi stack --show-urns` lists what the state has"

    def __init__(self, detail: str, *, urn: str = "", hint: str = "") -> None:
        self.urn = urn
        super().__init__(detail, hint=hint)


class ResourceNotInStateError(StateEditError):
    """No resource of that URN is in the state."""

    summary = "The resource is not in the state"
    help = "`pulumi stack --show-urns` lists what the state has"

    def __init__(self, urn: str, *, hint: str = "") -> None:
        super().__init__(f'No such resource "{urn}" exists in the current state', urn=urn, hint=hint)


class AmbiguousResourceError(StateEditError):
    """Several records share the URN: one of them waits for its deletion. `ids` has the id of each."""

    summary = "The URN names several resources"
    help = "run it on a terminal, where one can be picked; or let `pulumi up` finish the pending deletion first"

    def __init__(self, urn: str, ids: Sequence[str]) -> None:
        self.ids = tuple(ids)
        lines = "".join(f"\n  {id or '(no id)'}" for id in self.ids)
        super().__init__(
            f"Resource URN ambiguously referred to multiple resources. Did you mean:{lines}",
            urn=urn,
        )


class DependentResourcesError(StateEditError):
    """Other resources of the state need the one that is to go. `dependents` has their URNs."""

    summary = "The resource has dependents"
    help = "Delete those resources first or pass --target-dependents."

    def __init__(self, urn: str, dependents: Sequence[str]) -> None:
        self.dependents = tuple(dependents)
        lines = "".join(f'\n * "{dependent.split("::", 3)[-1]}" ({dependent})' for dependent in self.dependents)
        super().__init__(
            f"{urn} can't be safely deleted because the following resources depend on it:{lines}",
            urn=urn,
        )


class DecryptError(StateError):
    """A secret cannot be decrypted."""

    summary = "A secret cannot be decrypted"
    help = "is it this stack's file, and the secrets provider that wrote it?"


class PassphraseError(DecryptError):
    """The passphrase is missing or is not the stack's."""

    summary = "incorrect passphrase"
    help = "set PULUMI_CONFIG_PASSPHRASE to this stack's passphrase, or PULUMI_CONFIG_PASSPHRASE_FILE to a file with it"


class MissingPassphraseError(PassphraseError):
    """Nothing names the passphrase, and nobody is there to ask."""

    summary = "The passphrase is missing"
    help = "set PULUMI_CONFIG_PASSPHRASE, or PULUMI_CONFIG_PASSPHRASE_FILE to a file with it"


class SecretsProviderError(StateError):
    """Whoever keeps the key of a stack's secrets cannot be asked, or refused."""

    summary = "The secrets provider cannot be used"
    help = "check the URL and the permission to use the key; `pulumi stack change-secrets-provider` moves to another"


class BackendError(ReconcilerError):
    """The place where stacks are stored refused or cannot be reached."""

    summary = "The backend cannot be used"
    help = "`pulumi whoami -v` says which backend it is; `pulumi login URL` chooses another"


class BucketNotFoundError(BackendError):
    """The bucket or container of the backend does not exist."""

    summary = "The bucket does not exist"
    help = "make the bucket, or correct the backend's URL"


class BucketAccessError(BackendError):
    """The object store refuses these credentials, or there are none."""

    summary = "The bucket refuses access"
    help = "the credentials need to list, read, write and delete below `.pulumi/`"


class BucketRegionError(BackendError):
    """The bucket is in another region."""

    summary = "The bucket is in another region"
    help = "add `region=` to the backend's URL"


class BucketUnreachableError(BackendError):
    """The object store does not answer."""

    summary = "The object store cannot be reached"
    help = "check the network and the URL's `endpoint=`; the state was not touched"


class LockLostError(BackendError):
    """The stack's lock is no longer this run's: it must not write. What it had written stays."""

    summary = "The lock of the stack was lost"
    help = "another run has taken over: let it end, then run again; nothing of this one was written after that"


class StackNotFoundError(BackendError):
    """No stack of that name is stored."""

    summary = "The stack does not exist"
    help = "`pulumi stack ls` lists the stacks, `pulumi stack init NAME` makes one"

    def __init__(self, stack: str, *, hint: str = "") -> None:
        self.stack = stack
        super().__init__(f"no stack named '{stack}' found", hint=hint)


class StackExistsError(BackendError):
    """A stack of that name is stored already."""

    summary = "The stack exists"
    help = "`pulumi stack select NAME` works on it"

    def __init__(self, stack: str, *, hint: str = "") -> None:
        self.stack = stack
        super().__init__(f"stack '{stack}' already exists", hint=hint)


class StackLockedError(BackendError):
    """Somebody else is working on the stack. `holders` has a line per lock."""

    summary = "The stack is locked"
    help = "wait with --lock-wait, or `pulumi cancel` when its owner is gone"

    def __init__(self, holders: Sequence[str], *, hint: str = "") -> None:
        self.holders = tuple(holders)
        lines = "".join(f"\n  {holder}" for holder in self.holders)
        super().__init__(f"the stack is currently locked by {len(self.holders)} lock(s).{lines}", hint=hint)


class PlanError(ReconcilerError):
    """What the program asks for cannot be planned."""

    summary = "The plan cannot be made"
    help = "correct the program or the flags; nothing was changed"

    def __init__(self, detail: str, *, urn: str = "", hint: str = "") -> None:
        self.urn = urn
        super().__init__(f"{urn}: {detail}" if urn else detail, hint=hint)


class InvalidRequestError(PlanError):
    """The program's SDK asked for what cannot be: its words are wrong, whatever the stack is like."""

    summary = "The request is not valid"
    help = "correct the resource's arguments or options in the program"


class DuplicateUrnError(PlanError):
    """Two resources of one run share a URN."""

    summary = "Duplicate resource URN"
    help = "give one of the two another name"

    def __init__(self, urn: str) -> None:
        super().__init__(
            "another resource of this run has the same type, name and parent",
            urn=urn,
        )


class DependencyCycleError(PlanError):
    """Resources depend on one another in a circle."""

    summary = "Resources depend on one another in a circle"
    help = "take one of the dependencies away"


class ProtectedResourceError(PlanError):
    """A protected resource would be deleted or replaced."""

    summary = "Resource is protected"
    help = "drop `protect` from its options and run `pulumi up`, or keep the resource"

    def __init__(self, urn: str, *, op: str, because: Sequence[str] = ()) -> None:
        self.op = op
        self.because = tuple(because)
        reason = f" (changed: {', '.join(self.because)})" if self.because else ""
        super().__init__(
            f"the {op} is refused{reason}",
            urn=urn,
        )


class PluginFileError(ReconcilerError):
    """A file or folder cannot be installed as a plugin."""

    summary = "The plugin cannot be installed"
    help = "check that the file is whole, and that it is this plugin's"


class ForgeError(ReconcilerError):
    """GitHub, GitLab: it refuses a request, or cannot be reached."""

    summary = "The comment could not be written"
    help = "the reports are in their files; write the comment again once the cause is gone"


class ReportFormatError(ReconcilerError):
    """A file is not a report of a run."""

    summary = "The file is not a report that this version can read"
    help = "`pulumi preview --report NAME.json` writes one"


class PlanFormatError(PlanError):
    """A file is not an update plan."""

    summary = "The file is not an update plan"
    help = "`pulumi preview --save-plan FILE` writes one"


class StalePlanError(PlanError):
    """A saved plan was made for another state than the stack has, or for another commit's program."""

    summary = "The saved plan is out of date"
    help = "preview again with --save-plan, look at it, and run `pulumi up --plan` with the new file"


class OutsidePlanError(PlanError):
    """The run would do what its saved plan does not have."""

    summary = "The run does not stay within the saved plan"
    help = "preview again with --save-plan, look at it, and run `pulumi up --plan` with the new file"

    def __init__(self, urn: str, problem: str) -> None:
        self.problem = problem
        # Told beside other diagnostics, where nothing says what usually helps.
        super().__init__(problem, urn=urn, hint=self.help)


class ProviderError(ReconcilerError):
    """A provider could not do what one step asked. `op` is the step's verb."""

    summary = "The provider failed"
    help = "correct what the service names, then run the command again: what is done stays done"

    def __init__(self, detail: str, *, urn: str = "", op: str = "", code: str = "", hint: str = "") -> None:
        self.urn = urn
        self.op = op
        self.code = code
        super().__init__(detail, hint=hint)


class ConfigureError(ProviderError):
    """The provider's own settings are wrong, incomplete or refused."""

    summary = "The provider cannot be configured"
    help = "`pulumi config` shows the provider's settings"


class InvalidInputsError(ProviderError):
    """Inputs that the provider's check refuses. `failures` holds (property, reason)."""

    summary = "The inputs are not valid"
    help = "correct the resource's arguments in the program"

    def __init__(self, failures: Sequence[tuple[str, str]], *, urn: str = "", hint: str = "") -> None:
        self.failures = tuple(failures)
        super().__init__(
            "; ".join(f"{name}: {reason}" if name else reason for name, reason in self.failures),
            urn=urn,
            op="check",
            hint=hint,
        )


class NotFoundError(ProviderError):
    """The object is gone, or was never visible to this identity."""

    summary = "The object does not exist"
    help = "`pulumi refresh` makes the state say what is live"


class TransientError(ProviderError):
    """Nothing changed and the same call may succeed later, after `delay_s` seconds."""

    summary = "The service is not available just now"
    help = "run the command again: what is done stays done"

    def __init__(
        self, detail: str, *, urn: str = "", op: str = "", code: str = "", hint: str = "", delay_s: float = 0.0
    ) -> None:
        self.delay_s = delay_s
        super().__init__(detail, urn=urn, op=op, code=code, hint=hint)


class PermanentError(ProviderError):
    """The service refused; `code` and the detail are its own."""

    summary = "The service refused"
    help = "correct what the service names, then run the command again: what is done stays done"


class UnsupportedError(PermanentError):
    """A type or function that its provider does not have; nothing was asked of the service."""

    summary = "The provider does not support this"
    help = "take another type, or write a dynamic provider for it"


class PartialError(ProviderError):
    """The object exists but is not right: its id, live outputs, the reasons, and, of a read, live inputs if told."""

    summary = "The object was made but is not ready"
    help = "run `pulumi up` again: it goes on with the object that is there"

    def __init__(
        self,
        detail: str,
        *,
        id: str,
        outputs: object,
        inputs: object = None,
        reasons: Sequence[str] = (),
        refresh_before_update: bool = False,
        urn: str = "",
        op: str = "",
        code: str = "",
        hint: str = "",
    ) -> None:
        self.id = id
        self.outputs = outputs
        self.inputs = inputs
        self.reasons = tuple(reasons) or (detail,)
        self.refresh_before_update = refresh_before_update
        super().__init__(detail, urn=urn, op=op, code=code, hint=hint)


class AmbiguousError(ProviderError):
    """The call may or may not have happened: the operation stays pending."""

    summary = "It is not known whether the call happened"
    help = "run the command again: it looks for the object before it makes another"


class PolicyPackError(ReconcilerError):
    """A policy pack cannot be started, is set up wrongly, died or failed to answer. `pack`: its folder or name."""

    summary = "The policy pack cannot be used"
    help = "check the pack's folder and its settings; without --policy-pack the run is not held to it"

    def __init__(self, pack: str, detail: str, *, urn: str = "", hint: str = "") -> None:
        self.pack = pack
        self.urn = urn
        super().__init__(f"policy pack '{pack}': {detail}", hint=hint)


class PolicyViolationError(ReconcilerError):
    """A mandatory policy is violated. The violations have been told, each by an event of its own."""

    summary = "A mandatory policy is violated"
    help = "change what the policy names, or ask whoever keeps the policy"

    def __init__(self, policies: Sequence[str], *, urn: str = "") -> None:
        self.policies = tuple(policies)
        self.urn = urn
        super().__init__(", ".join(self.policies))


class RunFailedError(ReconcilerError):
    """Raised once, at the end of a run. `failures` has one error per failed step."""

    summary = "The run failed"
    help = "run the command again once the causes are gone: what is done stays done"

    def __init__(self, failures: Sequence[Exception]) -> None:
        self.failures = tuple(failures)
        super().__init__(f"{len(self.failures)} step(s) failed")


class SandboxError(ReconcilerError):
    """The sandbox cannot start, stop or answer."""

    summary = "The sandbox is not usable"
    help = "`flowforge sandbox status` shows what runs; the log is .sandbox/sandbox.log"


class BugError(ReconcilerError):
    """A broken promise of our own."""

    summary = "This is a bug in the reconciler; please report it"
    help = "report it with what is printed here; the state is as the last recorded step left it"
