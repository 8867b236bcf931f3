# packages: what runs; build: dist/; last: both, and nothing else. No line knows the processor, so
# docker buildx build --platform linux/amd64,linux/arm64 . makes both.
FROM node:26-trixie-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No package that runs needs an install script: native ones bring their binaries.
RUN npm ci --omit=dev --ignore-scripts

FROM packages AS build
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build

FROM node:26-trixie-slim
# Docker gives added capabilities to root alone; a program that another user runs gets only those on its file. So NET_RAW
# stands on node. It needs NET_RAW among the container's capabilities (else node cannot start) and no no-new-privileges
# (else the kernel ignores it, and ping sockets are used where net.ipv4.ping_group_range allows them).
RUN apt-get update \
  && apt-get install -y --no-install-recommends libcap2-bin \
  && setcap cap_net_raw+ep "$(realpath "$(command -v node)")" \
  && apt-get purge -y --auto-remove libcap2-bin \
  && rm -rf /var/lib/apt/lists/* \
  && install -d -o node -g node -m 0750 /data
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/package.json ./
COPY --from=build /app/dist ./dist
RUN chmod +x dist/main.js && ln -s /app/dist/main.js /usr/local/bin/pmd
# Everything that is written stands in /data: database, secret, spool, and the tokens of pmd.
ENV APP_HOST=0.0.0.0 APP_PORT=7464 DATABASE_URL=sqlite:/data/pingmedaddy.db XDG_CONFIG_HOME=/data
WORKDIR /data
USER node
VOLUME /data
EXPOSE 7464
# Not fetch: it refuses some ports, such as 6666.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "require('node:http').get({ host: '127.0.0.1', port: process.env.APP_PORT, path: '/livez' }, (answer) => process.exit(answer.statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1))"]
ENTRYPOINT ["pmd"]
CMD ["serve"]
