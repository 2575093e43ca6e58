# Source this file (`. scripts/env.sh`): it points your shell at the sandbox's
# stack, whose state lives in this clone. The passphrase protects nothing but
# the sandbox's own password; real stacks have one of their own.
FLOWFORGE_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]:-$0}")/.." && pwd)"
export FLOWFORGE_ROOT
export PATH="$FLOWFORGE_ROOT/.venv/bin:$PATH"
export PULUMI_HOME="$FLOWFORGE_ROOT/.state/home"
export PULUMI_BACKEND_URL="file://$FLOWFORGE_ROOT/.state"
export PULUMI_CONFIG_PASSPHRASE=sandbox
export PULUMI_SKIP_UPDATE_CHECK=true
