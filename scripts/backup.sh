#!/usr/bin/env bash
# Writes one backup: the queues' Redis, then the database, then the media; checksummed, encrypted when BACKUP_KEY is set.
#
#   scripts/backup.sh [--label word]
#
# The file's name says when, which version and how long it is kept: posada-20261124T043753Z-v1.2.3-daily-keep14d.tar[.enc].
# Older ones are removed when their own time is over; the newest one never. Its path is the last line of standard output.
# Redis comes first: a job that is then in both, queue and database, does nothing twice; one in neither would be lost.
set -euo pipefail
# shellcheck source=scripts/stores.sh
source "$(dirname "${BASH_SOURCE[0]}")/stores.sh"

label=daily
while [[ $# -gt 0 ]]; do
  case "$1" in
  --label)
    label="${2:-}"
    shift 2
    ;;
  *)
    say "usage: backup.sh [--label word]"
    exit 2
    ;;
  esac
done
[[ "$label" =~ ^[a-z][a-z-]{0,30}$ ]] || fail "--label takes small letters and dashes"

keep_days="$(env_value BACKUP_KEEP_DAYS 14)"
[[ "$keep_days" =~ ^[1-9][0-9]{0,3}$ ]] || fail "BACKUP_KEEP_DAYS must be a number of days"
version="$(env_value POSADA_VERSION dev)"
key="$(env_value BACKUP_KEY)"
folder="$(backup_dir)"

umask 077
mkdir -p "$folder"
exec 9>"$folder/.lock"
flock -n 9 || fail "another backup is running"
find "$folder" -maxdepth 1 -type d -name '.partial-*' -exec rm -rf {} +
partial="$(mktemp -d "$folder/.partial-XXXXXX")"
trap 'rm -rf "$partial"' EXIT
work="$partial/contents"
mkdir "$work"

connect_postgres

check_space() {
  local needed available
  needed="$(query "$PGDATABASE" 'SELECT pg_database_size(current_database())')"
  available="$(df --output=avail -B1 "$folder" | tail -n 1)"
  # The dump is smaller than the database; dump and archive exist side by side for a moment.
  ((available > 2 * needed + 50000000)) || fail "not enough room in $folder for a backup"
}

back_up_redis() {
  case "$(redis_place)" in
  none) say "redis: none, the queues are in the database" ;;
  cluster) say "redis: a cluster, left to its own backups" ;;
  *)
    # As a file of this folder: on a pipe redis-cli mixes its words into the bytes.
    if [[ "$(redis_place)" == compose ]]; then
      # shellcheck disable=SC2016
      compose exec -T redis sh -c 'REDISCLI_AUTH="$REDIS_PASSWORD" redis-cli --no-auth-warning --rdb /tmp/backup.rdb >&2 && cat /tmp/backup.rdb && rm -f /tmp/backup.rdb' >"$work/redis.rdb"
    else
      redis --rdb "$work/redis.rdb" >/dev/null 2>&1 || fail "redis-cli could not take a snapshot"
    fi
    [[ "$(head -c 5 "$work/redis.rdb")" == REDIS ]] || fail "the snapshot of Redis is not one"
    ;;
  esac
}

# The counts in the manifest and the dump are of one and the same moment: the dump uses the snapshot of the session that counts.
back_up_database() {
  local snapshot line
  coproc SESSION { pg psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$PGDATABASE" 2>/dev/null; }
  local from_session="${SESSION[0]}" to_session="${SESSION[1]}" session="$SESSION_PID"
  # shellcheck disable=SC2154 # count_query comes with stores.sh
  {
    echo "SET idle_in_transaction_session_timeout = 0;"
    echo "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
    echo "SELECT 'server ' || current_setting('server_version');"
    echo "$count_query"
    echo "SELECT 'snapshot ' || pg_export_snapshot();"
  } >&"$to_session"
  while read -r line <&"$from_session"; do
    [[ "$line" == snapshot\ * ]] && break
    printf '%s\n' "$line" >>"$work/manifest"
  done
  snapshot="${line#snapshot }"
  [[ "$line" == snapshot\ * ]] || fail "the database could not be counted"
  pg pg_dump --format=custom --no-owner --no-privileges --snapshot="$snapshot" -d "$PGDATABASE" </dev/null >"$work/database.dump" ||
    fail "pg_dump failed"
  echo "COMMIT;" >&"$to_session"
  exec {to_session}>&-
  wait "$session" || true
  [[ "$(head -c 5 "$work/database.dump")" == PGDMP ]] || fail "pg_dump wrote something else than a dump"
}

taken_at="$(date -u +%Y%m%dT%H%M%SZ)"
check_space
back_up_redis
{
  echo "version $version"
  echo "taken_at $taken_at"
  echo "database $PGDATABASE"
} >"$work/manifest"
back_up_database
media_tar -cf - . </dev/null >"$work/media.tar"

(cd "$work" && sha256sum -- * >.sums && mv .sums SHA256SUMS)
name="posada-$taken_at-${version//[^A-Za-z0-9.]/_}-$label-keep${keep_days}d.tar"
if [[ -n "$key" ]]; then
  name="$name.enc"
  tar -C "$work" -cf - . |
    BACKUP_KEY="$key" openssl enc -aes-256-cbc -pbkdf2 -iter 600000 -salt -pass env:BACKUP_KEY -out "$partial/archive"
else
  say "BACKUP_KEY is not set: this backup is not encrypted"
  tar -C "$work" -cf "$partial/archive" .
fi
sync "$partial/archive"
(cd "$partial" && sha256sum archive | sed "s/ archive\$/ $name/" >"$folder/$name.sha256")
mv "$partial/archive" "$folder/$name"

rotate() {
  local newest file taken days age
  newest="$(newest_backup)"
  while read -r file; do
    [[ "$file" == "$newest" ]] && continue
    [[ "$(basename "$file")" =~ ^posada-([0-9]{8})T([0-9]{2})([0-9]{2})([0-9]{2})Z-.*-keep([0-9]+)d\.tar(\.enc)?$ ]] || continue
    days="${BASH_REMATCH[5]}"
    taken="$(date -u -d "${BASH_REMATCH[1]} ${BASH_REMATCH[2]}:${BASH_REMATCH[3]}:${BASH_REMATCH[4]}" +%s)"
    age=$(($(date -u +%s) - taken))
    if ((age > days * 86400)); then
      rm -f -- "$file" "$file.sha256"
      say "removed $(basename "$file"): its $days days are over"
    fi
  done < <(find "$folder" -maxdepth 1 -type f \( -name 'posada-*.tar' -o -name 'posada-*.tar.enc' \) -print)
}
rotate
say "backed up $(sed -n 's/^count public\.reservations /reservations: /p' "$work/manifest")"
printf '%s\n' "$folder/$name"
