# One image for every process: the API (default), each worker pool, migrations, the command line.
#   docker build --build-arg VERSION=1.2.3 -t posada:1.2.3 .
#   docker run --env-file .env posada:1.2.3 node workers/main.ts conversations
# What npm brings is what package-lock.json says, without install scripts; Node is the image's own.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# Optional ones are the embedded database's binaries, which production refuses.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM ${NODE_IMAGE}
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates ffmpeg \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY . .
RUN mkdir -p /data/media && chown -R node:node /data
ARG VERSION=dev
ENV NODE_ENV=production PORT=3000 DATA_DIR=/data MEDIA_DIR=/data/media POSADA_VERSION=${VERSION}
LABEL org.opencontainers.image.title=posada org.opencontainers.image.version=${VERSION}
USER node
EXPOSE 3000 9464
STOPSIGNAL SIGTERM
# A worker answers on WORKER_PORT, the API on PORT.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.WORKER_PORT || process.env.PORT}/livez`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "api/server.ts"]
