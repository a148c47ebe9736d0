# One image for all processes; the command says which one: `node api/main.ts` by default, and for example
# `node matcher/main.ts`, `node workers/all.ts`, `node scripts/migrate.ts up`. Debian, as Temporal's SDK needs glibc.

FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund && npm cache clean --force

FROM packages AS bundle
COPY . .
RUN node scripts/build-workflows.ts

FROM node:24-bookworm-slim
WORKDIR /app
COPY --from=bundle /app ./
# What the development custodian keeps: a new volume takes its owner from here.
RUN install --directory --owner=node /data
USER node
EXPOSE 8080 8081 9090
# Most of what a request allocates is garbage soon after: it should die young.
ENV NODE_OPTIONS="--max-semi-space-size=64 --disable-warning=ExperimentalWarning"
# What tells whether the process is ready: each one says where it is asked.
ENV HEALTH_URL=http://127.0.0.1:8080/health/ready
HEALTHCHECK --interval=30s --timeout=3s --start-period=30s --retries=3 CMD [ "node", "-e", \
  "fetch(process.env.HEALTH_URL).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))" ]
CMD ["node", "api/main.ts"]
