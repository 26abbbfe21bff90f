#!/usr/bin/env bash
# Stands in for the docker command: writes each call to $WORLD/calls (with the version it was made for) and keeps a world of
# containers ($WORLD/containers: id service image) and images ($WORLD/images). What PostgreSQL's `tools` container would run is
# run here. Failures are asked for by files: $WORLD/broken-<what>, holding the versions that break (or *).
set -euo pipefail
world="${WORLD:?}"
version="${POSADA_VERSION:-}"
touch "$world/containers" "$world/images"

is_broken() { [[ -f "$world/broken-$1" ]] && grep -qxF -e "$version" -e '*' "$world/broken-$1"; }

# The options of `docker compose` itself are of no interest.
words=("$@")
if [[ "${1:-}" == compose ]]; then
  shift
  while [[ "${1:-}" == --* ]]; do
    case "$1" in --project-directory | --env-file | --profile) shift 2 ;; *) break ;; esac
  done
  if [[ "${1:-}" == -f ]]; then shift 2; fi
  while [[ "${1:-}" == --profile ]]; do shift 2; done
  words=(compose "$@")
fi
printf '[%s] %s\n' "$version" "${words[*]}" >>"$world/calls"
set -- "${words[@]}"

add_container() {
  local number
  number="$(($(cat "$world/number" 2>/dev/null || echo 0) + 1))"
  echo "$number" >"$world/number"
  echo "id$number $1 posada:$version" >>"$world/containers"
}

remove_containers() {
  local id
  for id in "$@"; do sed -i "/^$id /d" "$world/containers"; done
}

up() {
  local services=() scale="" recreate=1
  while [[ $# -gt 0 ]]; do
    case "$1" in
    --scale)
      scale="${2#*=}"
      shift
      ;;
    --wait-timeout) shift ;;
    --no-recreate) recreate=0 ;;
    -*) ;;
    *) services+=("$1") ;;
    esac
    shift
  done
  local service wanted
  for service in "${services[@]}"; do
    wanted="${scale:-1}"
    if [[ "$service" == api && -z "$scale" ]]; then wanted=2; fi
    if ((recreate)); then sed -i "/ $service /d" "$world/containers"; fi
    while (($(grep -c " $service " "$world/containers" || true) < wanted)); do add_container "$service"; done
  done
  for service in "${services[@]}"; do if is_broken "$service"; then return 1; fi; done
}

case "$*" in
info | "compose version --short")
  if [[ "$1" == compose ]]; then cat "$world/compose-version" 2>/dev/null || echo 2.40.0; fi
  [[ ! -f "$world/broken-engine" ]]
  ;;
"image inspect "*) grep -qxF "${3#posada:}" "$world/images" ;;
"image ls "*) cat "$world/images" ;;
"image rm "*) sed -i "/^${3#posada:}\$/d" "$world/images" ;;
"inspect --format "*)
  shift 3
  for id in "$@"; do awk -v id="$id" '$1 == id { print $3 }' "$world/containers"; done
  ;;
"stop -t 40 "*) ;;
"rm -f "*)
  shift 2
  remove_containers "$@"
  ;;
"compose config --quiet") if is_broken config; then exit 1; fi ;;
"compose config --services") sed -n '/^services:/,/^networks:/s/^  \([a-z]*\):$/\1/p' docker-compose.yml ;;
"compose build migrate")
  if is_broken build; then exit 1; fi
  grep -qxF "$version" "$world/images" || echo "$version" >>"$world/images"
  ;;
"compose ps -q "* | "compose ps -aq "*) awk -v service="$4" '$2 == service { print $1 }' "$world/containers" ;;
"compose up "*)
  shift 2
  up "$@"
  ;;
"compose stop "*)
  shift 2
  for service in "$@"; do sed -i "/ $service /d" "$world/containers"; done
  ;;
"compose run --rm -T --no-deps tools test -s /certs/fullchain.pem") [[ -s "$world/certs/fullchain.pem" ]] ;;
"compose run --rm -T --no-deps tools tar -C /certs -xf -") mkdir -p "$world/certs" && tar -C "$world/certs" -xf - ;;
"compose run --rm -T --no-deps tools tar -C /data/media "*)
  shift 9
  mkdir -p "$world/media"
  exec tar -C "$world/media" "$@"
  ;;
"compose run --rm -T --no-deps tools "*)
  shift 6
  exec "$@"
  ;;
"compose run --rm -T --no-deps migrate") if is_broken migrate; then exit 1; fi ;;
"compose run --rm -T --no-deps api node -e "*) if is_broken configuration; then exit 78; fi ;;
"compose run "*certonly*) if is_broken authority; then exit 1; fi ;;
"compose exec -T api node scripts/self-test.ts"*) if is_broken self-test; then exit 1; fi ;;
"compose exec -T nginx "*) if is_broken nginx-reload; then exit 1; fi ;;
"compose run "* | "compose exec "* | "compose ps "* | "compose logs "*) ;;
*)
  echo "the stand-in for docker does not know: $*" >&2
  exit 99
  ;;
esac
