#!/usr/bin/env bash
# Puts a backup in the place of the live database. API and workers must be stopped (./deploy.sh restore does that).
#
#   scripts/restore.sh <file> [--yes] [--with-queues]
#
# The backup is restored into a new database, counted against its manifest, and only then given the live one's name; the old
# database stays as <name>_before_<time>, which is the way back. Media are added, none removed. The queues keep what they
# have, since the database is the truth and what waits there is younger; on a new, empty server --with-queues brings theirs:
# under compose into the Redis here, else as files for the data folder of a stopped Redis (QUEUES_INTO=<folder>).
set -euo pipefail
# shellcheck source=scripts/stores.sh
source "$(dirname "${BASH_SOURCE[0]}")/stores.sh"

usage() {
  say "usage: restore.sh <file> [--yes] [--with-queues]"
  exit 2
}

file="" is_confirmed=0 with_queues=0
while [[ $# -gt 0 ]]; do
  case "$1" in
  --yes) is_confirmed=1 ;;
  --with-queues) with_queues=1 ;;
  -*) usage ;;
  *)
    [[ -z "$file" ]] || usage
    file="$1"
    ;;
  esac
  shift
done
[[ -n "$file" ]] || usage

umask 077
work="$(mktemp -d "${TMPDIR:-/tmp}/posada-restore-XXXXXX")"
trap 'rm -rf "$work"' EXIT
connect_postgres
target="$PGDATABASE"
[[ "$target" =~ ^[A-Za-z0-9_]{1,40}$ ]] || fail "the database's name must be letters, digits and _"
unpack_backup "$file" "$work"

exists="$(query postgres "SELECT count(*) FROM pg_database WHERE datname = '$target'")"
in_use="$(query postgres "SELECT count(*) FROM pg_stat_activity WHERE datname = '$target' AND pid <> pg_backend_pid()")"
[[ "$in_use" == 0 ]] || fail "$in_use connections to $target: stop the API and the workers first"
if ((with_queues)); then
  [[ -s "$work/redis.rdb" ]] || fail "this backup has no snapshot of Redis"
  is_compose || [[ -n "${QUEUES_INTO:-}" ]] || fail "QUEUES_INTO must name the data folder of a stopped Redis"
fi

if ((!is_confirmed)); then
  say "This replaces $target by the backup of $(sed -n 's/^taken_at //p' "$work/manifest"). What was written since is no longer seen."
  read -r -p "Type the database's name to go on: " answer || answer=""
  [[ "$answer" == "$target" ]] || fail "not confirmed"
fi

moment="$(date -u +%Y%m%d%H%M%S)"
fresh="${target}_restored_$moment"
drop_fresh() { query postgres "DROP DATABASE IF EXISTS \"$fresh\"" >/dev/null 2>&1 || true; }
trap 'drop_fresh; rm -rf "$work"' EXIT
restore_database "$work/database.dump" "$fresh"
counts_of "$fresh" >"$work/counted"
grep '^count ' "$work/manifest" | diff - "$work/counted" >/dev/null || fail "the restored tables do not have as many rows as were backed up; nothing was changed"

{
  echo "BEGIN;"
  [[ "$exists" == 0 ]] || echo "ALTER DATABASE \"$target\" RENAME TO \"${target}_before_$moment\";"
  echo "ALTER DATABASE \"$fresh\" RENAME TO \"$target\";"
  echo "COMMIT;"
} | pg psql -X -q -v ON_ERROR_STOP=1 -d postgres

media_tar -xf - <"$work/media.tar"

# Redis 7 with an append-only file ignores a plain snapshot: the snapshot becomes the first part of an append-only file.
# shellcheck disable=SC2016
queues_script='set -eu
cd "$1"
rm -rf appendonlydir dump.rdb
mkdir appendonlydir
cat > appendonlydir/appendonly.aof.1.base.rdb
: > appendonlydir/appendonly.aof.1.incr.aof
printf "file appendonly.aof.1.base.rdb seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n" > appendonlydir/appendonly.aof.manifest
if id redis >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then chown -R redis appendonlydir; fi'
if ((with_queues)); then
  if is_compose; then
    compose stop redis
    compose run --rm -T --no-deps --entrypoint sh redis -c "$queues_script" sh /data <"$work/redis.rdb"
    compose up -d --no-deps --wait redis
  else
    sh -c "$queues_script" sh "$QUEUES_INTO" <"$work/redis.rdb"
  fi
fi

say "restored $target as of $(sed -n 's/^taken_at //p' "$work/manifest")"
[[ "$exists" == 0 ]] || say "the database as it was is kept as ${target}_before_$moment; when it is not needed any more: DROP DATABASE ${target}_before_$moment"
