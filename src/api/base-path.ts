import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyInstance {
    /** The path below which browsers reach the server, such as `/pmd`; empty for the root. */
    basePath: string;
  }
}

/** Redirects, and links that we write ourselves, get the base path in front. */
export function serveBelow(app: FastifyInstance, basePath: string): void {
  app.decorate('basePath', basePath);
  if (basePath === '') return;
  app.addHook('onSend', async (_, reply) => {
    const location = reply.getHeader('location');
    // A URL of another server begins with a scheme or with two slashes.
    if (typeof location === 'string' && /^\/(?!\/)/.test(location)) void reply.header('location', basePath + location);
  });
}
