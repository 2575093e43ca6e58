#!/usr/bin/env bash
# Prints the dev stack's config file. With the sandbox moved to other ports that is
# a copy which says so: the committed file stays as it is.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -z "${FLOWFORGE_SANDBOX_SNOWFLAKE_PORT:-}${FLOWFORGE_SANDBOX_AWS_PORT:-}${FLOWFORGE_SANDBOX_PREFECT_PORT:-}" ]; then
  echo Pulumi.dev.yaml
  exit
fi
mkdir -p .state
sed -e "s/18710/${FLOWFORGE_SANDBOX_SNOWFLAKE_PORT:-18710}/" \
  -e "s/18720/${FLOWFORGE_SANDBOX_AWS_PORT:-18720}/" \
  -e "s/18730/${FLOWFORGE_SANDBOX_PREFECT_PORT:-18730}/" \
  Pulumi.dev.yaml >.state/Pulumi.dev.yaml
echo .state/Pulumi.dev.yaml
