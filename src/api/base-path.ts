import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyInstance {
    /** The path below which browsers reach the server, such as `/pmd`; empty for the root. */
    basePath: string;
  }
}

/** Whatever is served below leads its readers back below the base path: links that it writes itself, and redirects. */
export function serveBelow(app: FastifyInstance, basePath: string): void {
  app.decorate('basePath', basePath);
  if (basePath === '') return;
  app.addHook('onSend', async (_, reply) => {
    const location = reply.getHeader('location');
    // One of another server begins with a scheme or two slashes.
    if (typeof location === 'string' && /^\/(?!\/)/.test(location)) void reply.header('location', basePath + location);
  });
}
