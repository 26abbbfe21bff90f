#!/usr/bin/env bash
# Posada on one server, by Docker Compose.
#
#   ./deploy.sh init                    makes .env with fresh secrets of our own; the vendors' are yours to fill in
#   ./deploy.sh check                   is everything there for a deploy? changes nothing
#   ./deploy.sh deploy [version]        backup, migrate, replace without a gap, verify from outside, else back by itself
#   ./deploy.sh rollback [version]      the images of the version before (or the named one); the data stay as they are
#   ./deploy.sh backup                  one backup now (deploys make their own; see docs/production.md for the nightly one)
#   ./deploy.sh drill [file]            restores a backup beside the live database and checks it
#   ./deploy.sh restore <file> [--yes] [--with-queues]
#                                       puts a backup in the place of the live data, after a backup of these
#   ./deploy.sh status | logs [service] | self-test
#   ./deploy.sh update-ssl [folder]     gets or renews the certificate (or takes fullchain.pem and privkey.pem of a folder)
#
# --dry-run (anywhere): says what would be done. Every command may be repeated. Exit 0 done, 1 failed, 2 misuse.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export POSADA_COMPOSE=1
# shellcheck source=scripts/stores.sh
source scripts/stores.sh
# shellcheck source=scripts/check-server.sh
source scripts/check-server.sh

state_dir="${POSADA_STATE_DIR:-$project_dir/.deploy}"
wait_seconds="${POSADA_WAIT_SECONDS:-180}"
dry_run=0

# ── Small things ──────────────────────────────────────────────────────────────

step() { say "── $*"; }

# For whatever changes something; what only asks is called without it.
run() {
  if ((dry_run)); then
    say "would run: $*"
  else
    "$@"
  fi
}

state() { cat "$state_dir/$1" 2>/dev/null || true; }

remember() {
  ((dry_run)) && return
  mkdir -p "$state_dir"
  printf '%s\n' "$2" >"$state_dir/.$1.new"
  mv "$state_dir/.$1.new" "$state_dir/$1"
}

# The stores that run here: COMPOSE_PROFILES, which compose reads too.
has_profile() { [[ ",$(env_value COMPOSE_PROFILES postgres,redis)," == *",$1,"* ]]; }

stores_here() {
  local store
  for store in postgres redis; do if has_profile "$store"; then printf '%s\n' "$store"; fi; done
}

worker_services() { compose config --services | grep -vxE 'postgres|redis|migrate|api|nginx|certbot|tools' | sort; }

use_version() { export POSADA_VERSION="$1"; }

has_image() { docker image inspect "posada:$1" >/dev/null 2>&1; }

# ── Certificate ───────────────────────────────────────────────────────────────

# install_certificate <folder>: fullchain.pem and privkey.pem into the volume that nginx reads.
install_certificate() {
  [[ -s "$1/fullchain.pem" && -s "$1/privkey.pem" ]] || fail "$1 has no fullchain.pem and privkey.pem"
  if ((dry_run)); then
    say "would run: put the certificate of $1 in its place"
    return
  fi
  tar -C "$1" -chf - privkey.pem fullchain.pem | compose --profile tools run --rm -T --no-deps tools tar -C /certs -xf -
}

# nginx cannot start without one: a day's worth of a self-signed one, until the authority has answered.
ensure_certificate() {
  compose --profile tools run --rm -T --no-deps tools test -s /certs/fullchain.pem </dev/null && return
  step "a placeholder certificate"
  local folder
  folder="$(mktemp -d)"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj "/CN=$(env_value POSADA_DOMAIN)" \
    -keyout "$folder/privkey.pem" -out "$folder/fullchain.pem" 2>/dev/null
  install_certificate "$folder"
  rm -rf "$folder"
  run remember certificate placeholder
}

reload_nginx() { run compose exec -T nginx /posada/nginx/entrypoint.sh reload; }

update_ssl() {
  local domain
  domain="$(env_value POSADA_DOMAIN)"
  if [[ -n "${1:-}" ]]; then
    install_certificate "$1"
    run remember certificate own
  else
    local options=(--webroot -w /var/www/acme -d "$domain" --email "$(env_value LETSENCRYPT_EMAIL)")
    [[ -n "${POSADA_CERTBOT_STAGING:-}" ]] && options+=(--staging)
    run compose run --rm -T --no-deps --entrypoint certbot certbot certonly "${options[@]}" \
      --agree-tos --non-interactive --keep-until-expiring </dev/null || return 1
    run compose run --rm -T --no-deps --entrypoint /posada/nginx/install-certificate.sh certbot "/etc/letsencrypt/live/$domain" </dev/null || return 1
    run remember certificate authority
  fi
  reload_nginx
}

# ── Replacing ─────────────────────────────────────────────────────────────────

# Starts as many new API containers as there should be beside the old ones, lets nginx know them, then ends the old ones.
# `keep`: containers that already run this version are left alone. (`set -e` does not hold in here, since the callers test the
# outcome: every step says `|| return 1`.)
replace_api() {
  local old wanted count created
  old="$(compose ps -q api)" || return 1
  # shellcheck disable=SC2086
  if [[ "${1:-}" == keep && -n "$old" && "$(docker inspect --format '{{.Config.Image}}' $old | sort -u)" == "posada:$POSADA_VERSION" ]]; then return 0; fi
  wanted="$(env_value API_REPLICAS 2)"
  if [[ -z "$old" ]]; then
    run compose up -d --no-deps --wait --wait-timeout "$wait_seconds" api
    return
  fi
  count="$(wc -l <<<"$old")"
  if ! run compose up -d --no-deps --no-recreate --scale "api=$((count + wanted))" --wait --wait-timeout "$wait_seconds" api; then
    say "the new API does not become ready; its last words:"
    compose logs --no-log-prefix --tail 30 api >&2 || true
    created="$(compose ps -aq api | grep -vxF "$old" || true)"
    # shellcheck disable=SC2086
    [[ -z "$created" ]] || run docker rm -f $created >/dev/null
    return 1
  fi
  reload_nginx || return 1
  # shellcheck disable=SC2086
  run docker stop -t 40 $old >/dev/null || return 1
  # shellcheck disable=SC2086
  run docker rm -f $old >/dev/null || return 1
  reload_nginx
}

# Workers end their jobs within the grace period; the queues keep what comes meanwhile.
replace_workers() {
  local services
  services="$(worker_services)" || return 1
  # shellcheck disable=SC2086
  run compose up -d --no-deps --wait --wait-timeout "$wait_seconds" $services
}

# roll_out [keep]: the containers of the version in use, and the proof that the world is served.
roll_out() {
  step "api"
  replace_api "${1:-}" || return 1
  step "workers"
  replace_workers || return 1
  step "nginx"
  run compose up -d --no-deps --wait --wait-timeout "$wait_seconds" nginx certbot || return 1
  reload_nginx || return 1
  if [[ "$(state certificate)" == placeholder ]]; then
    step "certificate"
    update_ssl || return 1
  fi
  step "verify from outside"
  self_test
}

self_test() {
  # shellcheck disable=SC2086
  run compose exec -T api node scripts/self-test.ts ${POSADA_SELF_TEST_OPTIONS:-} </dev/null
}

start_stores() {
  local stores
  stores="$(stores_here)"
  # shellcheck disable=SC2086
  [[ -z "$stores" ]] || run compose up -d --no-recreate --wait --wait-timeout "$wait_seconds" $stores
}

record_version() {
  local current
  current="$(state current)"
  if [[ -n "$current" && "$current" != "$1" ]]; then remember previous "$current"; fi
  remember current "$1"
  ((dry_run)) || printf '%s %s %s\n' "$(date -u +%FT%TZ)" "$2" "$1" >>"$state_dir/history"
}

# Images of versions that are neither in use nor the one before, but for the last five deployed.
prune_images() {
  local keep version
  keep="$({ state current; state previous; tail -n 20 "$state_dir/history" 2>/dev/null | awk '{print $3}' | tac | awk '!seen[$0]++' | head -n 5; } | sort -u)"
  while read -r version; do
    [[ -z "$version" || "$version" == "<none>" ]] || grep -qxF -- "$version" <<<"$keep" || run docker image rm "posada:$version" >/dev/null || true
  done < <(docker image ls posada --format '{{.Tag}}' 2>/dev/null || true)
}

# Every night at 02:17 in Buenos Aires a backup, every Sunday the proof that the newest can be restored.
schedule_backups() {
  local folder="${POSADA_CRON_DIR:-/etc/cron.d}"
  if [[ ! -w "$folder" ]]; then
    say "no nightly backup was set up ($folder cannot be written): see docs/production.md"
    return
  fi
  ((dry_run)) && return
  cat >"$folder/posada" <<CRON
SHELL=/bin/bash
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
17 5 * * * $(id -un) "$project_dir/deploy.sh" backup daily >"$state_dir/backup.log" 2>&1
47 6 * * 0 $(id -un) "$project_dir/deploy.sh" drill >"$state_dir/drill.log" 2>&1
CRON
}

# ── Commands ──────────────────────────────────────────────────────────────────

init() {
  [[ ! -e "$env_file" ]] || fail "$env_file is there already"
  local name made
  made="$(mktemp "$env_file.XXXXXX")"
  cat .env.template deploy.env.template >"$made"
  for name in ICAL_TOKEN_SECRET JWT_SECRET DATA_ENCRYPTION_KEY METRICS_TOKEN POSTGRES_PASSWORD REDIS_PASSWORD BACKUP_KEY WHATSAPP_VERIFY_TOKEN; do
    sed -i "s|^$name=\$|$name=$(openssl rand -hex 24)|" "$made"
  done
  sed -i 's|^NODE_ENV=.*|NODE_ENV=production|' "$made"
  chmod 600 "$made"
  run mv "$made" "$env_file"
  rm -f "$made"
  say "$env_file is made. Fill in POSADA_DOMAIN, PUBLIC_URL, LETSENCRYPT_EMAIL and the credentials of WhatsApp and Mercado Pago"
  say "(DEPLOY_CHECKLIST.md says where they are found), keep a copy of BACKUP_KEY elsewhere, then: ./deploy.sh deploy"
}

default_version() {
  local version
  version="$(git -C "$project_dir" describe --tags --always --dirty 2>/dev/null || sed -n 's/^ *"version": "\(.*\)",$/\1/p' package.json)"
  printf '%s' "${version//[^A-Za-z0-9_.-]/-}"
}

deploy() {
  local version="${1:-$(default_version)}" current
  [[ "$version" =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]{0,100}$ ]] || fail "a version is letters, digits, dots and dashes"
  current="$(state current)"
  check || fail "nothing was changed"
  use_version "$version"
  step "image posada:$version"
  run compose build migrate || fail "the image could not be built; nothing was changed"
  step "configuration, as the programs see it"
  run compose run --rm -T --no-deps api node -e 'import("#shared/config/env.ts").then((m) => m.exitOnBadEnv())' </dev/null ||
    fail "the programs refuse this configuration; nothing was changed"
  step "stores"
  start_stores || fail "the stores do not become healthy; the programs were left as they were"
  if [[ -n "$current" ]]; then
    step "backup"
    POSADA_VERSION="$current" run scripts/backup.sh --label before-deploy || fail "no backup, no deploy; the programs were left as they were"
  fi
  ensure_certificate
  step "migrations"
  run compose run --rm -T --no-deps migrate </dev/null || fail "the migration failed; the programs run on as version ${current:-none}"
  if roll_out; then
    record_version "$version" deployed
    prune_images
    schedule_backups
    say "version $version is live at $(env_value PUBLIC_URL)"
    return
  fi
  go_back "$current" "$version"
}

go_back() {
  [[ -n "$1" ]] || fail "version $2 did not come up, and there is none to go back to: see ./deploy.sh logs"
  say "version $2 did not come up: going back to $1"
  use_version "$1"
  if roll_out keep; then
    ((dry_run)) || printf '%s %s %s\n' "$(date -u +%FT%TZ)" failed "$2" >>"$state_dir/history"
    fail "version $2 was not deployed; version $1 is live again, no data were touched"
  fi
  fail "version $1 does not come up either: see ./deploy.sh logs and docs/runbook.md"
}

rollback() {
  local version="${1:-$(state previous)}"
  [[ -n "$version" ]] || fail "there is no version before this one"
  has_image "$version" || fail "the image posada:$version is not here (./deploy.sh status lists those that are)"
  use_version "$version"
  say "back to version $version; the data stay as they are, and migrations go forward only: each fits the version before it too"
  roll_out || fail "version $version does not come up: see ./deploy.sh logs"
  record_version "$version" "rolled-back-to"
  say "version $version is live"
}

backup() {
  use_version "$(state current)"
  run scripts/backup.sh --label "${1:-manual}"
}

restore() {
  local file="" options=() confirmed=0
  while [[ $# -gt 0 ]]; do
    case "$1" in
    --yes) confirmed=1 ;;
    --with-queues) options+=(--with-queues) ;;
    -*) usage ;;
    *) file="$1" ;;
    esac
    shift
  done
  [[ -n "$file" ]] || usage
  [[ -r "$file" ]] || fail "cannot read $file"
  use_version "$(state current)"
  [[ -n "$POSADA_VERSION" ]] || fail "nothing is deployed here yet: ./deploy.sh deploy first, on an empty database"
  step "is the backup good?"
  run scripts/restore-drill.sh "$file" || fail "this backup cannot be restored; nothing was changed"
  if ((!confirmed && !dry_run)); then
    local answer
    say "What was written since that backup is no longer seen (a backup of it is made first)."
    read -r -p "Type restore to go on: " answer || answer=""
    [[ "$answer" == restore ]] || fail "not confirmed; nothing was changed"
  fi
  step "a backup of what is there now"
  run scripts/backup.sh --label before-restore || fail "no backup, no restore; nothing was changed"
  step "stop (nginx answers 503 with Retry-After, so that the vendors come again)"
  # shellcheck disable=SC2046
  run compose stop api $(worker_services) || fail "could not stop the programs; nothing was changed"
  local outcome=0
  run scripts/restore.sh "$file" --yes "${options[@]}" || outcome=1
  step "start"
  run compose run --rm -T --no-deps migrate </dev/null || fail "the migration failed; the programs are stopped: see docs/runbook.md"
  # shellcheck disable=SC2046
  run compose up -d --no-deps --wait --wait-timeout "$wait_seconds" api $(worker_services) || fail "the programs do not come up: see ./deploy.sh logs"
  reload_nginx || true
  ((outcome == 0)) || fail "the restore failed; the programs run on the data as they were"
  self_test || fail "restored, but not all is served: see above"
  say "restored $(basename "$file")"
}

status() {
  local newest
  printf 'version   %s (before: %s)\n' "$(state current)" "$(state previous)"
  printf 'images    %s\n' "$(docker image ls posada --format '{{.Tag}}' | tr '\n' ' ')"
  newest="$(newest_backup)"
  printf 'backup    %s\n' "${newest:-none}"
  printf 'disk      %s free\n' "$(df --output=avail -h "$project_dir" | tail -n 1 | tr -d ' ')"
  compose ps --format 'table {{.Name}}\t{{.Status}}'
  compose exec -T api node -e 'fetch("http://127.0.0.1:3000/healthz").then(async (r) => console.log(await r.text()))' </dev/null || true
}

usage() {
  sed -n '3,16p' "${BASH_SOURCE[0]}" | sed 's/^# \{0,1\}//' >&2
  exit 2
}

main() {
  local words=() word
  for word in "$@"; do if [[ "$word" == --dry-run ]]; then dry_run=1; else words+=("$word"); fi; done
  set -- "${words[@]}"
  local command="${1:-}"
  [[ $# -gt 0 ]] && shift
  case "$command" in
  deploy | rollback | backup | restore | update-ssl)
    # Two deploys at once would undo each other.
    mkdir -p "$state_dir"
    exec 8>"$state_dir/lock"
    flock -n 8 || fail "another ./deploy.sh is at work"
    ;;
  esac
  case "$command" in
  init | check | deploy | rollback | backup | restore | status) "$command" "$@" ;;
  drill) scripts/restore-drill.sh "$@" ;;
  logs) compose logs --tail 200 --follow "$@" ;;
  self-test) self_test ;;
  update-ssl) update_ssl "$@" ;;
  *) usage ;;
  esac
}

main "$@"
