#!/usr/bin/env bash
# Proves that a backup can be restored: into a database of its own beside the live one, which is not touched.
#
#   scripts/restore-drill.sh [file]          default: the newest in BACKUP_DIR
#
# Checks the checksums, restores, compares the rows of every table with what was counted when the backup was made, and asks
# the restored data whether they keep the rules of the business (scripts/invariants.sql). Exit 0 only if all is well.
set -euo pipefail
# shellcheck source=scripts/stores.sh
source "$(dirname "${BASH_SOURCE[0]}")/stores.sh"

[[ $# -le 1 && "${1:-}" != -* ]] || {
  say "usage: restore-drill.sh [file]"
  exit 2
}
file="${1:-$(newest_backup)}"
[[ -n "$file" ]] || fail "no backup in $(backup_dir)"

umask 077
work="$(mktemp -d "${TMPDIR:-/tmp}/posada-drill-XXXXXX")"
connect_postgres
scratch="posada_drill_$(date -u +%Y%m%d%H%M%S)_$$"
clean() {
  query postgres "DROP DATABASE IF EXISTS \"$scratch\"" >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap clean EXIT

unpack_backup "$file" "$work"
printf 'ok      checksums of %s\n' "$(basename "$file")"
restore_database "$work/database.dump" "$scratch"
printf 'ok      restored into %s\n' "$scratch"

failures=0
grep '^count ' "$work/manifest" >"$work/expected" || true
counts_of "$scratch" >"$work/counted"
if [[ -s "$work/expected" ]] && diff "$work/expected" "$work/counted" >"$work/difference"; then
  printf 'ok      %s tables have as many rows as were backed up\n' "$(wc -l <"$work/expected")"
else
  failures=1
  printf 'FAILED  rows are missing or too many (< backed up, > restored):\n'
  grep '^[<>]' "$work/difference" || true
fi

while IFS='|' read -r rule violations; do
  if [[ "$violations" == 0 ]]; then
    printf 'ok      %s\n' "$rule"
  else
    failures=1
    printf 'FAILED  %s: %s\n' "$rule" "$violations"
  fi
done < <(pg psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$scratch" <"$project_dir/scripts/invariants.sql" || echo "the rules could be asked|no")

if [[ -s "$work/redis.rdb" ]]; then
  [[ "$(head -c 5 "$work/redis.rdb")" == REDIS ]] && printf 'ok      snapshot of the queues\n'
fi
tar -tf "$work/media.tar" >/dev/null && printf 'ok      media\n'
((failures == 0)) || fail "this backup is not good"
printf 'The backup of %s can be restored.\n' "$(sed -n 's/^taken_at //p' "$work/manifest")"
