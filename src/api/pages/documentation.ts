import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { Operation } from '../../contract/operation.ts';
import { operations } from '../../contract/operations.ts';
import { serveSignInScript } from './sign-in-page.ts';

/** OpenAPI 3.1 generated from the operations, and the pages that show it; all their files are served from here. */
export async function serveDocumentation(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    // The routes do not include the base path, and one of them may begin with the same letters.
    stripBasePath: false,
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'PingMeDaddy',
        version,
        description: 'Network telemetry: is it up, how slow, how lossy, since when. Times are UTC.',
      },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
      security: [{ bearer: [] }],
      ...(app.basePath === '' ? {} : { servers: [{ url: app.basePath }] }),
    },
    transform: createJsonSchemaTransform({}),
    transformObject: createJsonSchemaTransformObject({}),
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    indexPrefix: app.basePath,
    theme: {
      title: 'PingMeDaddy API',
      css: [{ filename: 'own.css', content: '.swagger-ui .topbar { display: none; }' }],
    },
    transformSpecification: (document) => withExamples(document as unknown as Documented) as Record<string, unknown>,
  });
  serveSignInScript(app);
  serveRedoc(app);
}

interface Documented {
  readonly paths?: Record<string, Record<string, DocumentedCall>>;
}
interface DocumentedCall {
  requestBody?: { content: Record<string, { schema?: unknown; example?: unknown }>; required?: boolean };
  responses: Record<string, { description: string; content?: Record<string, { schema?: unknown; example?: unknown }> }>;
}

export function serveOpenApi(app: FastifyInstance): void {
  let document: unknown;
  app.get('/openapi.json', { schema: { hide: true } }, (_, reply) => {
    document ??= withExamples(app.swagger() as unknown as Documented);
    return reply.type('application/json').serializer(String).send(JSON.stringify(document));
  });
}

/** What the JSON schemas cannot express: examples, and bodies and answers that are not JSON. */
function withExamples(document: Documented): Documented {
  const copy = structuredClone(document);
  for (const operation of operations) {
    const path = operation.path.replace(/:(\w+)/g, '{$1}');
    const call = copy.paths?.[path]?.[operation.method.toLowerCase()];
    if (call === undefined) throw new Error(`${operation.id} is documented but not served`);
    describeBody(call, operation);
    describeAnswers(call, operation);
  }
  return copy;
}

function describeBody(call: DocumentedCall, { bodyType, example }: Operation): void {
  if (bodyType === 'multipart/form-data') {
    const file = { type: 'string', contentMediaType: 'text/csv' };
    const schema = { type: 'object', properties: { file }, required: ['file'] };
    call.requestBody = { required: true, content: { [bodyType]: { schema, example: { file: example.body } } } };
  } else if (bodyType !== undefined) {
    call.requestBody = {
      required: true,
      content: { [bodyType]: { schema: { type: 'string' }, example: example.body } },
    };
  }
  const json = call.requestBody?.content['application/json'];
  if (json !== undefined) json.example = example.body;
}

function describeAnswers(call: DocumentedCall, { answer, answerType, example, id }: Operation): void {
  const good = (call.responses['200'] ??= { description: 'Done' });
  good.description = 'Done';
  if (answer === undefined) {
    good.content = { [answerType ?? 'text/plain']: { schema: { type: 'string' }, example: example.answer } };
  } else {
    const json = good.content?.['application/json'];
    if (json !== undefined) json.example = example.answer;
  }
  for (const [status, response] of Object.entries(call.responses)) {
    if (status === '200' || id === 'showReadiness') continue;
    response.description = 'Problem details (RFC 9457)';
    const schema = response.content?.['application/json']?.schema;
    response.content = { 'application/problem+json': { schema } };
  }
}

function serveRedoc(app: FastifyInstance): void {
  // Its footer loads a picture from its makers' server; our pages request nothing from other servers.
  const script = readFileSync(redocPath(), 'utf8').replaceAll(/https:\/\/cdn\.redoc\.ly\/[^"']*/g, 'data:,');
  const schema = { hide: true };
  app.get('/redoc', { schema }, (_, reply) => reply.type('text/html; charset=utf-8').send(redocPage(app.basePath)));
  app.get('/redoc/redoc.js', { schema }, (_, reply) => reply.type('text/javascript').send(script));
}

/** The copy that the build made, or the package in a checkout. */
function redocPath(): string | URL {
  const copy = new URL('../../redoc/redoc.standalone.js', import.meta.url);
  return existsSync(copy) ? copy : createRequire(import.meta.url).resolve('redoc/bundles/redoc.standalone.js');
}

const redocPage = (basePath: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>PingMeDaddy API</title>
    <style>body { margin: 0; }</style>
  </head>
  <body>
    <redoc spec-url="${basePath}/openapi.json" disable-search="true"></redoc>
    <script src="${basePath}/redoc/redoc.js"></script>
  </body>
</html>
`;
