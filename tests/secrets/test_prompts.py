"""Passphrases that a person types."""

import pytest

from tests.cli.conftest import cli, stack  # noqa: F401  # fixtures
from tests.cli.test_terminal import Person


class Patient(Person):
    """Types only at a question that came after the last answer: what is typed ahead is thrown away."""

    said = ""

    def answers(self, question, line):
        self.sees(question)
        self.said += self.seen
        self.seen = ""
        return self.types(line)


@pytest.mark.slow
def test_a_new_stacks_passphrase_is_typed_twice_and_a_slip_is_asked_again(cli):  # noqa: F811  # a fixture
    (cli.project / "Pulumi.dev.yaml").unlink()
    person = Patient(cli, "stack", "init", "dev", PULUMI_CONFIG_PASSPHRASE=None)
    person.answers("Enter your passphrase to protect", "one-phrase").answers("Re-enter", "two-phrase")
    person.sees("passphrases do not match")
    person.answers("Enter your passphrase to protect", "one-phrase").answers("Re-enter", "one-phrase")

    assert person.leaves() == 0
    assert "-phrase" not in person.said + person.seen
    cli.ok("config", "set", "--secret", "a", "b", PULUMI_CONFIG_PASSPHRASE="one-phrase")


@pytest.mark.slow
def test_a_wrong_passphrase_is_asked_for_again_and_a_new_one_twice(stack):  # noqa: F811  # a fixture
    stack.ok("config", "set", "--secret", "token", "hunter2-x")
    person = Patient(stack, "stack", "change-secrets-provider", "passphrase", PULUMI_CONFIG_PASSPHRASE=None)
    person.answers("Enter your passphrase to unlock", "wrong").sees("error: incorrect passphrase")
    person.answers("Enter your passphrase to unlock", "opensesame")
    person.answers("Enter your new passphrase to protect", "other").answers("Re-enter your new", "other")

    assert person.leaves() == 0
    assert stack.ok("config", "get", "token", PULUMI_CONFIG_PASSPHRASE="other").out == "hunter2-x\n"
