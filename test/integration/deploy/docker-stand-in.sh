#!/usr/bin/env bash
# Stands in for the docker command: writes each call to $WORLD/calls (with the version it was made for) and keeps a world of
# containers ($WORLD/containers: id service image) and images ($WORLD/images). What PostgreSQL's `tools` container would run is
# run here. Failures are asked for by files: $WORLD/broken-<what>, holding the versions that break (or *).
set -euo pipefail
world="${WORLD:?}"
version="${POSADA_VERSION:-}"

# Without a process where the shell can do it: the tests make hundreds of calls.
containers=() images=()
[[ ! -f "$world/containers" ]] || mapfile -t containers <"$world/containers"
[[ ! -f "$world/images" ]] || mapfile -t images <"$world/images"
keep_containers() { printf '%s' "${containers[@]/%/$'\n'}" >"$world/containers"; }
keep_images() { printf '%s' "${images[@]/%/$'\n'}" >"$world/images"; }

is_broken() {
  local broken=()
  [[ -f "$world/broken-$1" ]] || return 1
  mapfile -t broken <"$world/broken-$1"
  [[ " ${broken[*]} " == *" $version "* || " ${broken[*]} " == *" * "* ]]
}

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
  local number=0
  [[ ! -f "$world/number" ]] || read -r number <"$world/number"
  echo "$((number + 1))" >"$world/number"
  containers+=("id$((number + 1)) $1 posada:$version")
}

# drop <which: id or service> <word …>
drop() {
  local which="$1" kept=() each id service rest
  shift
  for each in "${containers[@]}"; do
    read -r id service rest <<<"$each"
    [[ " $* " == *" ${!which} "* ]] || kept+=("$id $service $rest")
  done
  containers=("${kept[@]}")
  keep_containers
}

# ids <service>
ids() {
  local each id service _
  for each in "${containers[@]}"; do
    read -r id service _ <<<"$each"
    if [[ "$service" == "$1" ]]; then printf '%s\n' "$id"; fi
  done
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
  local service wanted each count
  if ((recreate)); then drop service "${services[@]}"; fi
  for service in "${services[@]}"; do
    wanted="${scale:-1}" count=0
    if [[ "$service" == api && -z "$scale" ]]; then wanted=2; fi
    for each in "${containers[@]}"; do if [[ "$each" == *" $service "* ]]; then count=$((count + 1)); fi; done
    while ((count < wanted)); do
      add_container "$service"
      count=$((count + 1))
    done
  done
  keep_containers
  for service in "${services[@]}"; do if is_broken "$service"; then return 1; fi; done
}

case "$*" in
info | "compose version --short")
  if [[ -f "$world/compose-version" ]]; then cat "$world/compose-version"; else echo 2.40.0; fi
  [[ ! -f "$world/broken-engine" ]]
  ;;
"image inspect "*) [[ " ${images[*]} " == *" ${3#posada:} "* ]] ;;
"image ls "*) printf '%s\n' "${images[@]}" ;;
"image rm "*)
  for index in "${!images[@]}"; do if [[ "${images[index]}" == "${3#posada:}" ]]; then unset "images[index]"; fi; done
  keep_images
  ;;
"inspect --format "*)
  shift 3
  for each in "${containers[@]}"; do
    read -r id _ image <<<"$each"
    if [[ " $* " == *" $id "* ]]; then echo "$image"; fi
  done
  ;;
"stop -t 40 "*) ;;
"rm -f "*)
  shift 2
  drop id "$@"
  ;;
"compose config --quiet") if is_broken config; then exit 1; fi ;;
"compose config --services") sed -n '/^services:/,/^networks:/s/^  \([a-z]*\):$/\1/p' docker-compose.yml ;;
"compose build migrate")
  if is_broken build; then exit 1; fi
  [[ " ${images[*]} " == *" $version "* ]] || images+=("$version")
  keep_images
  ;;
"compose ps -q "* | "compose ps -aq "*) ids "$4" ;;
"compose up "*)
  shift 2
  up "$@"
  ;;
"compose stop "*)
  shift 2
  drop service "$@"
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
