#!/bin/sh
# Runs beside nginx (the image starts what lies in /docker-entrypoint.d): when the certificate's bytes change, reloads it.
# What nginx refuses (half a renewal, or no API there to be found by its name) is tried again until it takes it.
set -eu
cert_dir="${NGINX_CERT_DIR:-/etc/nginx/certs}"
every_seconds="${CERTIFICATE_CHECK_SECONDS:-60}"
nginx="${NGINX_COMMAND:-nginx}"

fingerprint() {
  cat "$cert_dir/fullchain.pem" "$cert_dir/privkey.pem" 2>/dev/null | sha256sum
}

watch() {
  known="$(fingerprint)"
  refused=""
  while sleep "$every_seconds"; do
    current="$(fingerprint)"
    [ "$current" = "$known" ] && continue
    # NGINX_COMMAND may carry options.
    # shellcheck disable=SC2086
    if $nginx -t -q 2>/dev/null && $nginx -s reload; then
      known="$current"
      echo "reload-on-new-certificate: reloaded"
    elif [ "$current" != "$refused" ]; then
      refused="$current"
      echo "reload-on-new-certificate: refused for now" >&2
    fi
  done
}

watch &
