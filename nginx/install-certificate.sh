#!/bin/sh
# certbot's deploy hook: puts the renewed certificate where nginx reads it. The key first and both by rename, so that nginx
# never sees half a file; it reloads only once the two fit each other.
set -eu
lineage="${1:-${RENEWED_LINEAGE:?}}"
target="${NGINX_CERT_DIR:-/etc/nginx/certs}"
umask 077
for name in privkey fullchain; do
  cp "$lineage/$name.pem" "$target/.$name.new"
  mv "$target/.$name.new" "$target/$name.pem"
done
