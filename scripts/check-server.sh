# shellcheck shell=bash
# Sourced by deploy.sh: is everything there for a deploy? `check` names every problem and changes nothing.
# shellcheck disable=SC2154 # env_file and project_dir come with stores.sh
problems=()
problem() { problems+=("$*"); }

required_variables() {
  printf '%s\n' POSADA_DOMAIN LETSENCRYPT_EMAIL PUBLIC_URL \
    WHATSAPP_ACCESS_TOKEN WHATSAPP_PHONE_NUMBER_ID WHATSAPP_APP_SECRET WHATSAPP_VERIFY_TOKEN \
    MERCADOPAGO_ACCESS_TOKEN MERCADOPAGO_WEBHOOK_SECRET \
    ICAL_TOKEN_SECRET JWT_SECRET DATA_ENCRYPTION_KEY \
    POSTGRES_PASSWORD REDIS_PASSWORD
  # (Compose reads the whole file and wants both passwords, also where the stores are a provider's.)
  has_profile postgres || echo DATABASE_URL
  has_profile redis || echo REDIS_URL
}

check_variables() {
  local name value
  [[ -r "$env_file" ]] || {
    problem "$env_file is missing: ./deploy.sh init makes one"
    return
  }
  [[ "$(stat -c %a "$env_file")" == *00 ]] || problem "$env_file can be read by others: chmod 600 $env_file"
  while read -r name; do
    value="$(env_value "$name")"
    if [[ -z "$value" ]]; then
      problem "$name is not set"
    elif [[ "$value" =~ ^(change|your|example|xxx|<) ]]; then
      problem "$name is a placeholder"
    fi
  done < <(required_variables)
  for name in POSTGRES_PASSWORD REDIS_PASSWORD; do
    value="$(env_value "$name")"
    [[ -z "$value" || "$value" =~ ^[A-Za-z0-9_-]{16,}$ ]] || problem "$name must be 16 or more of letters, digits, - and _"
  done
  value="$(env_value POSADA_DOMAIN)"
  [[ "$value" =~ ^([a-z0-9-]+\.)+[a-z0-9-]+$ ]] || problem "POSADA_DOMAIN must be a plain name such as reservas.example.com"
  [[ "$(env_value PUBLIC_URL)" == "https://$value" ]] || problem "PUBLIC_URL must be https:// and POSADA_DOMAIN"
  # Compose would take what follows a $ for a variable of its own.
  while read -r name; do
    problem "$name has a \$ in it: put its value in single quotes"
  done < <(sed -n "s/^[[:space:]]*\([A-Z_]*\)=[^'#]*\\\$.*/\1/p" "$env_file")
}

check_machine() {
  local tool version port megabytes
  for tool in docker openssl sha256sum tar flock; do
    command -v "$tool" >/dev/null || problem "$tool is not installed"
  done
  command -v docker >/dev/null || return 0
  docker info >/dev/null 2>&1 || problem "the Docker engine does not answer (is it running, may this user use it?)"
  version="$(docker compose version --short 2>/dev/null || true)"
  version="${version#v}"
  if [[ ! "$version" =~ ^([0-9]+)\.([0-9]+) ]] || ((BASH_REMATCH[1] < 2 || (BASH_REMATCH[1] == 2 && BASH_REMATCH[2] < 24))); then
    problem "Docker Compose 2.24 or newer is needed, this is ${version:-none}"
  fi
  if [[ -z "$(compose ps -q nginx 2>/dev/null || true)" ]]; then
    for port in ${POSADA_PORTS:-80 443}; do
      if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then problem "port $port is taken by another program"; fi
    done
  fi
  megabytes="$(df --output=avail -BM "$project_dir" | tail -n 1 | tr -dc 0-9)"
  ((megabytes >= ${POSADA_DISK_MB:-3000})) || problem "only $megabytes MB of disk are free, ${POSADA_DISK_MB:-3000} are needed"
}

check() {
  problems=()
  check_variables
  check_machine
  if ((${#problems[@]} > 0)); then
    printf 'error: %s\n' "${problems[@]}" >&2
    return 1
  fi
  compose config --quiet || return 1
  say "all there"
}
