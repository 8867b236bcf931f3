import compress from '@fastify/compress';
import cookie from '@fastify/cookie';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import multipart from '@fastify/multipart';
import fastify, { type FastifyInstance, LogController } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { operations } from '../contract/operations.ts';
import { withoutBasePath } from '../core/base-path.ts';
import { Problem } from '../core/problem.ts';
import { auditChanges } from './access/audit.ts';
import { createAuth } from './access/auth.ts';
import type { ApiDependencies } from './dependencies.ts';
import { serveBelow } from './base-path.ts';
import { denyByDefault } from './access/caller.ts';
import { createLimitedServer } from './limits/connections.ts';
import { serveDashboard } from './pages/dashboard.ts';
import { serveDocumentation, serveOpenApi } from './pages/documentation.ts';
import { serveAccounts } from './handlers/accounts.ts';
import { serveAuth } from './handlers/auth.ts';
import { serveBackup } from './handlers/backup.ts';
import { serveBulk } from './handlers/bulk.ts';
import { serveFleet } from './handlers/fleet.ts';
import { serveHistory } from './handlers/history.ts';
import { serveInsights } from './handlers/insights.ts';
import { serveOutages } from './handlers/outages.ts';
import { serveStream } from './handlers/stream.ts';
import { serveSystem } from './handlers/system.ts';
import { serveTargetFiles } from './handlers/target-files.ts';
import { serveTargets } from './handlers/targets.ts';
import { serveTraceroute } from './handlers/traceroute.ts';
import { refuseForeignHosts } from './limits/hosts.ts';
import { cacheAccounts } from './access/account-cache.ts';
import { limitHashing } from './access/password-hashing.ts';
import { limitSlowClients } from './limits/slow-clients.ts';
import { coalesceRequests } from './answers/request-coalescing.ts';
import { answerBeforeRouting, answerWithoutRequest, answerWithProblems } from './problems.ts';

export { hashPassword, verifyPassword } from './access/password-hash.ts';

/** Translates HTTP into commands for the monitor and queries for the storage. The caller listens; dispose to close. */
export interface Api extends AsyncDisposable {
  listen(options: { readonly host: string; readonly port: number }): Promise<string>;
}

const importFileMaxBytes = 64 * 1024 * 1024;

export async function createApi(dependencies: ApiDependencies): Promise<Api> {
  const { logger, corsOrigins, basePath, trustedProxies, version } = dependencies;
  const app: FastifyInstance = fastify({
    loggerInstance: logger,
    serverFactory: (handle) => createLimitedServer(handle, dependencies),
    logController: new LogController({ disableRequestLogging: true }),
    // A client that keeps its connection open must not delay shutdown.
    forceCloseConnections: true,
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    routerOptions: { ignoreTrailingSlash: true },
    rewriteUrl: ({ url = '/' }) => withoutBasePath(url, basePath),
    // Requests refused before routing: a path that is not a valid URL, an id as long as a page.
    frameworkErrors: (error, _, reply) => {
      answerBeforeRouting(error, reply);
    },
    clientErrorHandler: answerWithoutRequest,
  });
  serveBelow(app, basePath);
  app.addHook('onRequest', async ({ routeOptions }, reply) => {
    // Only the dashboard's files may be cached; they set their own lifetime.
    if (routeOptions.config.isPublic !== true) void reply.header('cache-control', 'no-store');
  });
  refuseForeignHosts(app, dependencies);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  acceptEmptyJson(app);
  refuseNulInAddress(app);
  answerWithProblems(app);
  limitSlowClients(app);
  await app.register(cookie);
  await app.register(helmet, {
    contentSecurityPolicy: { directives: contentSecurity },
    hsts: false,
    frameguard: { action: 'deny' },
  });
  await app.register(cors, {
    origin: [...corsOrigins],
    credentials: corsOrigins.length > 0,
    methods: [...new Set(operations.map(({ method }) => method))],
    exposedHeaders: ['Content-Disposition', 'Retry-After'],
  });
  await app.register(multipart, { limits: { fileSize: importFileMaxBytes, files: 1 } });
  // Applies to JSON answers. Downloads choose their own compression; the dashboard's files are compressed at build time.
  await app.register(compress, { customTypes: /^application\/(problem\+)?json/, encodings: ['gzip'], threshold: 4096 });
  const accounts = cacheAccounts(dependencies.storage);
  const hashing = limitHashing();
  const auth = createAuth({ ...dependencies, accounts, hashing });
  denyByDefault(app, auth, dependencies.now);
  auditChanges(app, dependencies);
  coalesceRequests(app);
  await serveDocumentation(app, version);
  serveAuth(app, { ...dependencies, auth });
  serveAccounts(app, { ...dependencies, auth, accounts, hashing });
  serveTargets(app, dependencies);
  serveBulk(app, dependencies);
  serveTargetFiles(app, dependencies);
  serveHistory(app, dependencies);
  serveInsights(app, dependencies);
  serveOutages(app, dependencies);
  serveFleet(app, dependencies);
  const streams = serveStream(app, { ...dependencies, auth });
  serveTraceroute(app, dependencies);
  serveSystem(app, { ...dependencies, auth, streams });
  serveBackup(app, dependencies);
  serveOpenApi(app);
  await serveDashboard(app, dependencies.webFolder);
  return {
    listen: (options) => app.listen(options),
    async [Symbol.asyncDispose]() {
      streams.end();
      await app.close();
    },
  };
}

const contentSecurity = {
  defaultSrc: ["'self'"],
  scriptSrc: ["'self'"],
  workerSrc: ["'self'", 'blob:'],
  // Swagger UI and Redoc insert their styles into the page.
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", 'data:'],
  connectSrc: ["'self'"],
  frameAncestors: ["'none'"],
  upgradeInsecureRequests: null,
};

/** A backslash escapes it only if that backslash is not itself escaped. */
const nulInJson = /(?<!\\)(?:\\\\)*\\u0000/;

/** PostgreSQL cannot store it in text, and nobody sends it on purpose. */
function nulFault(field: string): Problem {
  const message = 'has a NUL character, which no text here can have.';
  return new Problem('invalid-input', `The ${field} ${message}`, { faults: [{ field, message }] });
}

function refuseNulInAddress(app: FastifyInstance): void {
  app.addHook('preValidation', async ({ url }) => {
    if (url.includes('%00')) throw nulFault('path or query');
  });
}

/** Scripts send a JSON content type with pause and resume, which have no body. */
function acceptEmptyJson(app: FastifyInstance): void {
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    if (text === '') done(null, undefined);
    else if (nulInJson.test(text as string)) done(nulFault('body'), undefined);
    else void app.getDefaultJsonParser('error', 'error')(request, text as string, done);
  });
}
