# shellcheck shell=bash
# Sourced by backup.sh, restore.sh, restore-drill.sh and deploy.sh: how a shell on the server reaches the stores.
#
# POSADA_COMPOSE=1 (deploy.sh sets it): by `docker compose`, with the programs of the images. Otherwise with the machine's own
# pg_dump, pg_restore, psql and redis-cli, by DATABASE_URL, REDIS_URL and MEDIA_DIR. Variables of the environment win over .env.
# Passwords travel in the environment of the programs, never on a command line.

project_dir="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
env_file="${POSADA_ENV_FILE:-$project_dir/.env}"

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "error: $*"
  exit 1
}

declare -A env_of=()

read_env_file() {
  local line name value
  [[ -r "$env_file" ]] || return 0
  while IFS= read -r line || [[ -n "$line" ]]; do
    [[ "$line" =~ ^[[:space:]]*([A-Za-z_][A-Za-z0-9_]*)=(.*)$ ]] || continue
    name="${BASH_REMATCH[1]}"
    value="${BASH_REMATCH[2]%$'\r'}"
    if [[ "$value" =~ ^\'(.*)\'$ || "$value" =~ ^\"(.*)\"$ ]]; then value="${BASH_REMATCH[1]}"; fi
    env_of[$name]="$value"
  done <"$env_file"
}
read_env_file

# env_value NAME [default]: from the environment, else from .env (quotes taken off), else the default.
env_value() {
  local value="${!1:-}"
  [[ -n "$value" ]] || value="${env_of[$1]:-}"
  printf '%s' "${value:-${2:-}}"
}

is_compose() { [[ "${POSADA_COMPOSE:-}" == 1 ]]; }

compose() { docker compose --project-directory "$project_dir" --env-file "$env_file" -f "$project_dir/docker-compose.yml" "$@"; }

decode_url() {
  local text="${1//\\/\\\\}"
  printf '%b' "${text//%/\\x}"
}

# Sets PGHOST and its kin for every program of PostgreSQL that is called from now on.
connect_postgres() {
  local url
  url="$(env_value DATABASE_URL)"
  if [[ -z "$url" ]]; then
    is_compose || fail "DATABASE_URL is not set"
    PGHOST=postgres PGPORT=5432 PGUSER=posada PGDATABASE=posada
    PGPASSWORD="$(env_value POSTGRES_PASSWORD)"
  else
    local pattern='^postgres(ql)?://([^:@/]*)(:([^@/]*))?@(\[[^]]+\]|[^:/?]+)(:([0-9]+))?/([^?]+)(\?(.*))?$'
    [[ "$url" =~ $pattern ]] || fail "DATABASE_URL is not postgres://user:password@host:port/database"
    PGUSER="$(decode_url "${BASH_REMATCH[2]}")"
    PGPASSWORD="$(decode_url "${BASH_REMATCH[4]}")"
    PGHOST="${BASH_REMATCH[5]//[\[\]]/}"
    PGPORT="${BASH_REMATCH[7]:-5432}"
    PGDATABASE="$(decode_url "${BASH_REMATCH[8]}")"
    local sslmode='(^|&)sslmode=([a-z-]+)'
    if [[ "${BASH_REMATCH[10]:-}" =~ $sslmode ]]; then export PGSSLMODE="${BASH_REMATCH[2]}"; fi
  fi
  export PGHOST PGPORT PGUSER PGPASSWORD PGDATABASE
}

# pg <program> [argument …]: one of PostgreSQL's programs, standard input and output passed on.
pg() {
  if is_compose; then
    compose --profile tools run --rm -T --no-deps tools "$@"
  else
    "$@"
  fi
}

# query <database> <sql>: the rows, columns separated by |.
query() { pg psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$1" -c "$2" </dev/null; }

redis_place() {
  local url
  url="$(env_value REDIS_URL)"
  if [[ -z "$url" ]]; then
    if is_compose; then printf 'compose'; else printf 'none'; fi
  elif [[ "$url" == *,* ]]; then
    printf 'cluster'
  else
    printf 'url'
  fi
}

# redis <argument …>: redis-cli at the one Redis there is.
redis() {
  if [[ "$(redis_place)" == compose ]]; then
    # shellcheck disable=SC2016
    compose exec -T redis sh -c 'REDISCLI_AUTH="$REDIS_PASSWORD" exec redis-cli --no-auth-warning "$@"' redis "$@"
    return
  fi
  local url pattern='^(rediss?)://(([^:@/]*)(:([^@/]*))?@)?(\[[^]]+\]|[^:/?]+)(:([0-9]+))?(/.*)?$'
  url="$(env_value REDIS_URL)"
  [[ "$url" =~ $pattern ]] || fail "REDIS_URL is not redis://user:password@host:port"
  local user password
  local options=(-h "${BASH_REMATCH[6]//[\[\]]/}" -p "${BASH_REMATCH[8]:-6379}" --no-auth-warning)
  [[ "${BASH_REMATCH[1]}" == rediss ]] && options+=(--tls)
  user="$(decode_url "${BASH_REMATCH[3]}")"
  password="$(decode_url "${BASH_REMATCH[5]}")"
  [[ -n "$user" ]] && options+=(--user "$user")
  (
    # Not empty: redis-cli would send it.
    if [[ -n "$password" ]]; then export REDISCLI_AUTH="$password"; else unset REDISCLI_AUTH; fi
    redis-cli "${options[@]}" "$@"
  )
}

# media <tar's arguments>: tar inside the folder of media.
media_tar() {
  if is_compose; then
    compose --profile tools run --rm -T --no-deps tools tar -C /data/media "$@"
  else
    local folder
    folder="$(media_dir)"
    mkdir -p "$folder"
    tar -C "$folder" "$@"
  fi
}

media_dir() {
  local folder
  folder="$(env_value MEDIA_DIR "$(env_value DATA_DIR .data)/media")"
  if [[ "$folder" == /* ]]; then printf '%s' "$folder"; else printf '%s/%s' "$project_dir" "$folder"; fi
}

backup_dir() {
  local folder
  folder="$(env_value BACKUP_DIR ./backups)"
  if [[ "$folder" == /* ]]; then printf '%s' "$folder"; else printf '%s/%s' "$project_dir" "${folder#./}"; fi
}

# The newest whole backup, by the time in its name.
newest_backup() {
  find "$(backup_dir)" -maxdepth 1 -type f \( -name 'posada-*.tar' -o -name 'posada-*.tar.enc' \) -print 2>/dev/null | sort | tail -n 1
}

# unpack_backup <file> <folder>: checks the bytes, decrypts, unpacks, checks what was inside.
unpack_backup() {
  local file="$1" folder="$2"
  [[ -r "$file" ]] || fail "cannot read $file"
  [[ -r "$file.sha256" ]] || fail "$file.sha256 is missing: a backup without its checksum is not trusted"
  (cd "$(dirname "$file")" && sha256sum --check --status "$(basename "$file").sha256") || fail "$(basename "$file") is damaged: its checksum is another"
  if [[ "$file" == *.enc ]]; then
    local key
    key="$(env_value BACKUP_KEY)"
    [[ -n "$key" ]] || fail "$(basename "$file") is encrypted and BACKUP_KEY is not set"
    BACKUP_KEY="$key" openssl enc -d -aes-256-cbc -pbkdf2 -iter 600000 -pass env:BACKUP_KEY -in "$file" 2>/dev/null | tar -C "$folder" -xf - 2>/dev/null ||
      fail "$(basename "$file") cannot be decrypted with this BACKUP_KEY"
  else
    tar -C "$folder" -xf "$file"
  fi
  (cd "$folder" && sha256sum --check --status SHA256SUMS) || fail "the contents of $(basename "$file") are not what was backed up"
}

# restore_database <dump> <database>: into a new, empty database of that name.
restore_database() {
  query postgres "CREATE DATABASE \"$2\" TEMPLATE template0 ENCODING 'UTF8'"
  pg pg_restore --no-owner --no-privileges --exit-on-error -d "$2" <"$1"
}

# counts_of <database>: `count schema.table rows` of every table of ours, in a fixed order.
counts_of() {
  pg psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$1" <<<"$count_query"
}

# shellcheck disable=SC2034 # backup.sh asks it inside its own transaction
read -r -d '' count_query <<'SQL' || true
SELECT format('SELECT ''count %1$I.%2$I '' || count(*) FROM %1$I.%2$I', table_schema, table_name)
FROM information_schema.tables
WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')
ORDER BY table_schema COLLATE "C", table_name COLLATE "C" \gexec
SQL
