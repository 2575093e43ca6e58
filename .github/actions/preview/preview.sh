#!/usr/bin/env bash
# Previews each stack in $STACKS, tells the pull request, and fails when one failed.
# Needs `pulumi` and `flowforge` on the PATH. Runs anywhere: GitLab's job calls it, too.
set -uo pipefail

reports="$(mkdir -p "${REPORTS:-.flowforge}" && cd "${REPORTS:-.flowforge}" && pwd)"
mapfile -t stacks < <(printf '%s\n' "${STACKS:?the stacks to preview, one per line}" | sed 's/^[[:space:]]*//; s/[[:space:]]*$//; /^$/d')
mapfile -t flags < <(printf '%s\n' "${PREVIEW_FLAGS:-}" | sed '/^[[:space:]]*$/d')

failed=()
files=()
for stack in "${stacks[@]}"; do
  name="${stack//\//.}"
  files+=("$reports/$name.json")
  printf '\n== preview of %s\n' "$stack"
  pulumi --cwd "${WORK_DIR:-.}" preview --stack "$stack" --non-interactive "${flags[@]}" \
    --save-plan "$reports/$name.plan" --report "$reports/$name.json" --report "$reports/$name.md" \
    --report "$reports/$name.sarif" --report "$reports/$name.xml" || failed+=("$stack")
  if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ -f "$reports/$name.md" ]; then
    cat "$reports/$name.md" >> "$GITHUB_STEP_SUMMARY"
  fi
done
[ -z "${GITHUB_OUTPUT:-}" ] || echo "reports=$reports" >> "$GITHUB_OUTPUT"

if [ "${COMMENT:-true}" = true ]; then
  # A pull request from a fork has no token that may write: the summary has it all.
  flowforge comment --key "${KEY:-preview}" "${files[@]}" || echo "no comment was written; the reports are in $reports" >&2
fi

if [ "${#failed[@]}" -gt 0 ]; then
  printf 'error: the preview failed of: %s\n' "${failed[*]}" >&2
  exit 1
fi
