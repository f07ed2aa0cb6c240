# The image of a production server: settings come from the environment (deploy/CONFIGURATION.md), state goes to PostgreSQL.
#   docker build -t gatehouse .
#   docker run --read-only --tmpfs /tmp --env-file gatehouse.env -p 3000:3000 gatehouse
# The version is that of node-linux-* in package.json; test/image.test.ts compares them.
ARG NODE_VERSION=24.21.0

FROM node:${NODE_VERSION}-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# --omit=optional would also leave out the compiled part of argon2; so the packaged Node, which this base has, goes by name.
RUN npm ci --omit=dev && rm -r node_modules/node-linux-* node_modules/.bin/node

FROM node:${NODE_VERSION}-slim
# HOME: the user has no entry in passwd, and a package asks for its home while it loads.
ENV NODE_ENV=production HOME=/tmp MALLOC_ARENA_MAX=2 GATEHOUSE_DATA_DIR=/data
WORKDIR /app
# Everything below /app belongs to root: the server can read it and not change it.
COPY --from=packages /app/node_modules node_modules
COPY package.json LICENSE ./
COPY migrations migrations
COPY views views
COPY adapters adapters
COPY interactions interactions
COPY server server
# Loads the whole server once: the image is not made if something is missing, and starts find it compiled.
RUN node -e "import('./server/compile-cache.js').then(async (cache) => { \
      cache.keepCompiledCode(); await import('./server/process/server.ts'); cache.writeCompiledCode(); \
      const { compileAllViews } = await import('./server/http/render.ts'); await compileAllViews('views', cache.keptCode()); })" \
 && chmod -R a+rX node_modules/.cache \
 && install -d -o 10001 -g 10001 -m 0700 /data \
 && ln -s /app/server/gatehouse.js /usr/local/bin/gatehouse
USER 10001:10001
EXPOSE 3000 9464
# Alive is enough here: a restart does not mend a database that is away. Readiness is asked by who sends traffic.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.GATEHOUSE_MANAGEMENT_PORT || 9464}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=4", "--liftoff-only", "server/start.js"]
