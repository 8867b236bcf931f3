import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** The documentation needs a token like every call; a browser without one gets a login form. */
export function isDocumentationPage(request: FastifyRequest): boolean {
  const path = request.url.split('?', 1)[0] ?? '';
  const isPage = /^\/(docs|redoc)\/?$/.test(path);
  return isPage && request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');
}

export function answerSignIn(reply: FastifyReply, basePath: string): FastifyReply {
  const html = reply.status(401).header('www-authenticate', 'Bearer').type('text/html; charset=utf-8');
  return html.send(pageBelow(basePath));
}

export function serveSignInScript(app: FastifyInstance): void {
  const config = { isPublic: true };
  const script = scriptBelow(app.basePath);
  app.get('/sign-in.js', { config, schema: { hide: true } }, (_, reply) => reply.type('text/javascript').send(script));
}

const pageBelow = (basePath: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Sign in · PingMeDaddy</title>
    <style>
      :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
      body { display: grid; place-items: center; min-height: 100vh; margin: 0; }
      form { display: grid; gap: 0.75rem; width: min(20rem, 90vw); }
      h1 { font-size: 1.25rem; margin: 0; }
      label { display: grid; gap: 0.25rem; }
      input, button { font: inherit; padding: 0.5rem; }
      [role='alert'] { min-height: 1.5em; margin: 0; }
    </style>
  </head>
  <body>
    <form id="sign-in">
      <h1>Sign in to read the API's documentation</h1>
      <label>User name <input name="username" autocomplete="username" required autofocus /></label>
      <label>Password <input name="password" type="password" autocomplete="current-password" required /></label>
      <button>Sign in</button>
      <p role="alert" id="fault"></p>
    </form>
    <script src="${basePath}/sign-in.js"></script>
  </body>
</html>
`;

const scriptBelow = (
  basePath: string,
): string => `document.getElementById('sign-in').addEventListener('submit', async (event) => {
  event.preventDefault();
  const body = JSON.stringify(Object.fromEntries(new FormData(event.target)));
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch('${basePath}/auth/login?cookie=true', { method: 'POST', headers, body });
  if (answer.ok) location.reload();
  else document.getElementById('fault').textContent = (await answer.json()).detail;
});
`;
