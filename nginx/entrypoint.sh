#!/bin/sh
# What the nginx container runs. `entrypoint.sh`: writes the configuration from the environment and becomes nginx, with a
# watcher of the certificate beside it. `entrypoint.sh reload`: writes it anew and reloads, or leaves all as it was when nginx
# refuses it.
set -eu
here="$(cd "$(dirname "$0")" && pwd)"
target="${NGINX_DIR:-/etc/nginx}"
nginx="${NGINX_COMMAND:-nginx}"

# Only these names are filled in: every other $name in the template is nginx's own.
names="POSADA_DOMAIN API_SERVERS OPERATORS_NETWORK NGINX_HTTP_LISTEN NGINX_HTTPS_LISTEN NGINX_STATUS_LISTEN NGINX_CERT_DIR
NGINX_ACME_DIR NGINX_TEMP_DIR NGINX_ACCESS_LOG"

render() {
  awk -v names="$names" '
    BEGIN {
      count = split(names, wanted, /[ \n]+/)
      for (i = 1; i <= count; i++) if (ENVIRON[wanted[i]] == "") { print wanted[i] " is not set" > "/dev/stderr"; exit 1 }
    }
    {
      for (i = 1; i <= count; i++) {
        mark = "${" wanted[i] "}"
        while (at = index($0, mark)) $0 = substr($0, 1, at - 1) ENVIRON[wanted[i]] substr($0, at + length(mark))
      }
      print
    }' "$here/templates/posada.conf.template"
}

install_files() {
  mkdir -p "$1/conf.d"
  rm -rf "$1/snippets"
  cp -R "$here/snippets" "$1/snippets"
  cp "$here/nginx.conf" "$1/nginx.conf"
  render >"$1/conf.d/posada.conf"
}

case "${1:-run}" in
run)
  install_files "$target"
  "$here/reload-on-new-certificate.sh"
  # NGINX_COMMAND may carry options.
  # shellcheck disable=SC2086
  exec $nginx -g 'daemon off;'
  ;;
reload)
  try="$(mktemp -d)"
  trap 'rm -rf "$try"' EXIT
  install_files "$try"
  # shellcheck disable=SC2086
  $nginx -t -q -c "$try/nginx.conf"
  install_files "$target"
  # shellcheck disable=SC2086
  $nginx -s reload
  ;;
*)
  echo "usage: entrypoint.sh [run|reload]" >&2
  exit 2
  ;;
esac
