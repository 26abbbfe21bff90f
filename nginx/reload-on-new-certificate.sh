#!/bin/sh
# Runs beside nginx (the image starts what lies in /docker-entrypoint.d): when the certificate's bytes change, reloads it.
# A certificate that nginx would refuse is left alone, and tried again when it changes.
set -eu
cert_dir="${NGINX_CERT_DIR:-/etc/nginx/certs}"
every_seconds="${CERTIFICATE_CHECK_SECONDS:-60}"
nginx="${NGINX_COMMAND:-nginx}"

fingerprint() {
  cat "$cert_dir/fullchain.pem" "$cert_dir/privkey.pem" 2>/dev/null | sha256sum
}

watch() {
  known="$(fingerprint)"
  while sleep "$every_seconds"; do
    current="$(fingerprint)"
    [ "$current" = "$known" ] && continue
    # NGINX_COMMAND may carry options.
    # shellcheck disable=SC2086
    if $nginx -t -q 2>/dev/null && $nginx -s reload; then
      echo "reload-on-new-certificate: reloaded"
    else
      echo "reload-on-new-certificate: the new certificate was refused" >&2
    fi
    known="$current"
  done
}

if [ "${1:-}" = "--foreground" ]; then
  watch
else
  watch &
fi
