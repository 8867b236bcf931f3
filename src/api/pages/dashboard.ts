import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';

const howToBuild = 'The dashboard is not built: run npm start or npm run build in the folder of the program.';
const yearSeconds = 31_536_000;

/** The dashboard's files. Its screens have addresses under /app, so that they never collide with API paths. */
export async function serveDashboard(app: FastifyInstance, folder: string): Promise<void> {
  const config = { isPublic: true };
  const schema = { hide: true };
  const page = join(folder, 'index.html');
  if (existsSync(folder)) await app.register(fastifyStatic, { root: folder, serve: false, preCompressed: true });

  for (const url of ['/', '/app', '/app/*']) {
    app.get(url, { config, schema }, async (_, reply) => {
      if (existsSync(page)) return answerPage(reply, await readFile(page, 'utf8'), app.basePath);
      return reply.status(503).type('text/plain; charset=utf-8').send(howToBuild);
    });
  }
  if (!existsSync(folder)) return;
  // Their names contain a hash of their content.
  app.get<{ Params: { '*': string } }>('/assets/*', { config, schema }, (request, reply) =>
    reply.sendFile(`assets/${request.params['*']}`, { maxAge: yearSeconds * 1000, immutable: true }),
  );
  for (const file of ['theme.js', 'favicon.svg', 'manifest.webmanifest']) {
    app.get(`/${file}`, { config, schema }, (_, reply) => reply.sendFile(file, { maxAge: 0 }));
  }
}

/** Scripts may come only from our files. Style elements that a library creates at run time carry the page's nonce. */
function answerPage(reply: FastifyReply, html: string, basePath: string): FastifyReply {
  const nonce = randomBytes(16).toString('base64');
  const directives = [
    ...["default-src 'none'", "script-src 'self'", `style-src 'self' 'nonce-${nonce}'`, "img-src 'self' data:"],
    ...["connect-src 'self'", "font-src 'self'", "manifest-src 'self'", "base-uri 'none'", "form-action 'self'"],
    "frame-ancestors 'none'",
  ];
  return reply
    .header('content-security-policy', directives.join(';'))
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(
      html
        .replaceAll('%NONCE%', nonce)
        .replaceAll('%BASE_PATH%', basePath)
        // The build references its files relative to the page, which may be at any screen's address.
        .replaceAll('="./', `="${basePath}/`),
    );
}
