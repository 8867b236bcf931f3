import { login } from '../src/contract/access/auth.ts';
import type { Operation } from '../src/contract/operation.ts';
import { operations } from '../src/contract/operations.ts';

/** One call of the guide: what is sent, and which part of the answer is shown. */
interface Step {
  readonly id: string;
  /** With its path filled in and its query. */
  readonly path: string;
  readonly body?: unknown;
  /** A body that is no JSON. */
  readonly file?: { readonly name: string; readonly type: string; readonly text: string };
  /** Selects the lines of a long answer that the guide shows. */
  readonly show?: (text: string) => string;
  /** For an answer that does not end by itself. */
  readonly until?: string;
}

const history =
  'time,target_id,target_ip,latency_ms,hops,packet_loss\n' +
  '2026-01-01T00:00:00.000Z,2,127.0.0.2,0.041,0,0\n' +
  '2026-01-01T00:00:01.000Z,2,127.0.0.2,0.038,0,0\n' +
  '2026-01-01T00:00:02.000Z,2,127.0.0.2,,,1\n' +
  '2026-01-01T00:00:03.000Z,2,127.0.0.2,0.044,0,0\n';
const targets = 'ip,frequency,url,notes,is_active\n127.0.0.2,3600,,second,false\n127.0.0.1,1,,,\nnowhere,1,,,\n';
const newYear = 'start=2026-01-01T00:00:00Z&end=2026-01-01T00:01:00Z';

const steps: readonly Step[] = [
  { id: 'login', path: '/auth/login', body: { username: 'admin', password: 'changeme' }, show: withoutToken },
  { id: 'showSession', path: '/auth/session' },
  { id: 'addTarget', path: '/targets', body: { ip: '127.0.0.1', frequency: 3600, notes: 'this machine' } },
  { id: 'listTargets', path: '/targets' },
  { id: 'showTarget', path: '/targets/1' },
  { id: 'showTargetCounters', path: '/targets/1/counters' },
  { id: 'changeTarget', path: '/targets/1', body: { frequency: 0.5, notes: '' } },
  { id: 'pauseTarget', path: '/targets/1/pause' },
  { id: 'resumeTarget', path: '/targets/1/resume' },
  { id: 'listEvents', path: '/targets/1/events?limit=2' },
  { id: 'suggestTargets', path: '/targets/suggestions', show: withoutGateway },
  {
    id: 'addTargets',
    path: '/targets/many',
    body: { ips: ['::1', 'router'], hosts: ['www.example'], frequency: 60, tags: ['Lab'], dry_run: true },
  },
  { id: 'changeTargets', path: '/targets/bulk', body: { action: 'tag', ids: [1, 99], add: ['core'] } },
  { id: 'showImportTemplate', path: '/targets/import/template' },
  { id: 'importTargets', path: '/targets/import', file: { name: 'targets.csv', type: 'form', text: targets } },
  { id: 'exportTargets', path: '/targets/export' },
  { id: 'importLogs', path: '/targets/2/logs/import', file: { name: 'history.csv', type: 'text/csv', text: history } },
  { id: 'listLogs', path: '/targets/2/logs?limit=2' },
  { id: 'exportLogs', path: '/targets/2/logs/export?from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:03Z' },
  { id: 'listImports', path: '/imports?target_id=2' },
  { id: 'showImport', path: '/imports/1' },
  { id: 'showInsights', path: `/targets/2/insights?${newYear}&bucket_seconds=60` },
  { id: 'undoImport', path: '/imports/1/undo' },
  { id: 'listOutages', path: '/targets/1/outages' },
  { id: 'traceTarget', path: '/targets/1/traceroute?max_hops=5&timeout=5' },
  { id: 'listTraces', path: '/targets/1/traceroutes?limit=1' },
  { id: 'showTrace', path: '/targets/1/traceroutes/1' },
  { id: 'showFleet', path: '/fleet', show: firstTarget },
  { id: 'openStream', path: '/stream?targets=1,2', until: 'packet_loss' },
  { id: 'deleteTarget', path: '/targets/2' },
  { id: 'restoreTarget', path: '/targets/2/restore' },
  {
    id: 'seedHistory',
    path: '/seed',
    body: { targets: 1, years: 0.001, interval_seconds: 60, loss_rate: 0.005, seed: 1, reset: false },
    show: (text) => `${text.trim().split('\n').at(-1) ?? ''}\n`,
  },
  { id: 'downloadBackup', path: '/backup', show: (text) => text.slice(0, 'SQLite format 3'.length) },
  { id: 'showSettings', path: '/config' },
  { id: 'showInstallation', path: '/system' },
  { id: 'showLiveness', path: '/livez' },
  { id: 'showReadiness', path: '/readyz' },
  {
    id: 'showMetrics',
    path: '/metrics',
    show: (text) =>
      text
        .split('\n')
        .filter((line) => / pmd_|pingmedaddy_probes_sent/.test(line))
        .join('\n'),
  },
  { id: 'addUser', path: '/users', body: { username: 'anna', password: 'correct horse battery', role: 'operator' } },
  { id: 'listUsers', path: '/users' },
  { id: 'changeUser', path: '/users/anna', body: { role: 'viewer' } },
  { id: 'addApiToken', path: '/tokens', body: { name: 'Prometheus', expires_in_days: 365 }, show: withoutSecret },
  { id: 'listApiTokens', path: '/tokens' },
  { id: 'deleteApiToken', path: '/tokens/1' },
  { id: 'deleteUser', path: '/users/anna' },
  { id: 'listAudit', path: '/audit?limit=2&before=4' },
  { id: 'logout', path: '/auth/logout' },
  {
    id: 'changePassword',
    path: '/auth/password',
    body: { current_password: 'changeme', new_password: 'correct horse battery', end_api_tokens: true },
  },
];

/** Makes every call of the guide against a fresh server and records what was sent and what came back. */
export async function replayGuide(url: string): Promise<string> {
  const parts = [introduction];
  let token = '';
  for (const step of steps) {
    const operation = operations.find(({ id }) => id === step.id);
    if (operation === undefined) throw new Error(`there is no operation ${step.id}`);
    const { text, type } = await perform(url, operation, step, token);
    if (operation.id === login.id) token = (JSON.parse(text) as { access_token: string }).access_token;
    parts.push(describe(operation, step, step.show?.(text) ?? text, type));
  }
  const missing = operations.filter(({ id }) => !steps.some((step) => step.id === id));
  if (missing.length > 0) throw new Error(`the guide lacks ${missing.map(({ id }) => id).join(', ')}`);
  return parts.join('\n');
}

async function perform(
  url: string,
  { method, access }: Operation,
  step: Step,
  token: string,
): Promise<{ readonly text: string; readonly type: string }> {
  const headers = new Headers(access !== 'public' ? { authorization: `Bearer ${token}` } : {});
  const stop = new AbortController();
  const init: RequestInit = { method, headers, signal: stop.signal };
  if (step.body !== undefined) headers.set('content-type', 'application/json');
  if (step.body !== undefined) init.body = JSON.stringify(step.body);
  if (step.file?.type === 'form') {
    const form = new FormData();
    form.set('file', new Blob([step.file.text]), step.file.name);
    init.body = form;
  } else if (step.file !== undefined) {
    headers.set('content-type', step.file.type);
    init.body = step.file.text;
  }
  const response = await fetch(url + step.path, init);
  if (!response.ok) throw new Error(`${step.id} answered ${response.status}: ${await response.text()}`);
  const type = response.headers.get('content-type') ?? '';
  if (step.until === undefined) return { text: await response.text(), type };
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    if (text.includes(step.until)) break;
  }
  stop.abort();
  return { text, type };
}

function describe(operation: Operation, step: Step, text: string, type: string): string {
  const isJson = type.includes('json') && !type.includes('ndjson');
  const answer = isJson ? JSON.stringify(JSON.parse(text), null, 2) : text.trimEnd();
  const files =
    step.file === undefined ? '' : `With \`${step.file.name}\`:\n\n\`\`\`csv\n${step.file.text.trimEnd()}\n\`\`\`\n\n`;
  return (
    `## ${operation.summary}\n\n\`${operation.method} ${operation.path.replaceAll(/:(\w+)/g, '{$1}')}\`\n\n` +
    (operation.description === undefined ? '' : `${operation.description}\n\n`) +
    `${files}\`\`\`sh\n${curl(operation, step)}\n\`\`\`\n\n\`\`\`${isJson ? 'json' : 'text'}\n${answer}\n\`\`\`\n`
  );
}

function curl({ method, access }: Operation, step: Step): string {
  const words = ['curl', ...(method === 'GET' ? [] : [`-X ${method}`])];
  if (access !== 'public') words.push('-H "Authorization: Bearer $TOKEN"');
  if (step.body !== undefined) words.push(`--json '${JSON.stringify(step.body)}'`);
  if (step.file?.type === 'form') words.push(`-F file=@${step.file.name}`);
  else if (step.file !== undefined) words.push(`-H 'content-type: ${step.file.type}' --data-binary @${step.file.name}`);
  if (step.id === 'downloadBackup') words.push('-o pingmedaddy-backup.db');
  return [...words, `"http://127.0.0.1:7464${step.path}"`].join(' ');
}

function firstTarget(text: string): string {
  const fleet = JSON.parse(text) as { targets: { spark_latency_ms: unknown[]; spark_loss_rate: unknown[] }[] };
  const targets = fleet.targets
    .slice(0, 1)
    .map((target) => ({
      ...target,
      spark_latency_ms: target.spark_latency_ms.slice(-2),
      spark_loss_rate: target.spark_loss_rate.slice(-2),
    }));
  return JSON.stringify({ ...fleet, targets });
}

/** Readers of the guide have another one. */
function withoutGateway(text: string): string {
  return JSON.stringify((JSON.parse(text) as { readonly kind: string }[]).filter(({ kind }) => kind !== 'gateway'));
}

function withoutToken(text: string): string {
  return JSON.stringify({
    ...(JSON.parse(text) as object),
    access_token: 'eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.…',
  });
}

function withoutSecret(text: string): string {
  return JSON.stringify({ ...(JSON.parse(text) as object), token: 'pmd_3cX0Vt…' });
}

/** What differs from run to run: the run's own times, tokens, measured figures, sizes, names and paths. */
export function withoutRun(guide: string): string {
  return (
    guide
      .replaceAll(/\r?"?20(?!26-01-01)\d\d-\d\d-\d\dT[\d:.]+Z"?/g, '<time>')
      .replaceAll(
        /("(?:access_token|message|engine_message|prober_message|node|host|raw|DATABASE_URL|APP_PORT)": )"[^"]*"/g,
        '$1<text>',
      )
      .replaceAll(
        /("(?:rtt_ms|duration_ms|time|state|database_bytes|results|pending_results|spooled_results|spooled_bytes|dropped_results)": )[^,\n]*/g,
        '$1<figure>',
      )
      // Whether a target has a state before the first results are sent depends on the machine.
      .replaceAll(/\n\nevent: states\ndata: [^\n]*/g, '')
      // How far the first probe has come depends on the machine.
      .replaceAll(/("reason": \{\s+"code": )"[\w-]+",\s+"params": \{[^}]*\}/g, '$1<figure>')
      .replaceAll(/"results":\d+/g, '"results":<figure>')
      .replaceAll(
        /("(?:last_time|last_latency_ms|last_hops|state_since|sample_count|loss_count|consecutive_losses|loss_rate|latency_p50_ms|latency_p95_ms|jitter_ms|up|pending|degraded|down|paused|synthetic)": )[^,\n]*/g,
        '$1<figure>',
      )
      .replaceAll(/("(?:spark_\w+|rtts_ms)": \[)[^\]]*/g, '$1<figures>')
      .replaceAll(/^(pingmedaddy_\w+) .*$/gm, '$1 <figure>')
      .replaceAll(/^data: .*$/gm, 'data: <results>')
  );
}

const introduction = `# API guide

Every endpoint with a sample request and response. Generated by \`npm run docs\` against a live server and verified by a test. The
server has the same reference at \`/docs\` and \`/redoc\`, and as OpenAPI 3.1 at \`/openapi.json\`.

- JSON in and out; times are UTC, RFC 3339 with \`Z\`. A trailing slash is optional everywhere.
- Every call except \`POST /auth/login\`, \`/auth/session\`, \`/livez\` and \`/readyz\` needs \`Authorization: Bearer <token>\`:

  \`\`\`sh
  TOKEN=$(curl -s --json '{"username":"admin","password":"changeme"}' http://127.0.0.1:7464/auth/login | jq -r .access_token)
  \`\`\`

- Errors are problem details (RFC 9457, \`application/problem+json\`) with a \`detail\` sentence; 422 lists every invalid
  field in \`errors\`:

  \`\`\`json
  {
    "type": "urn:pingmedaddy:problem:invalid-input",
    "title": "Unprocessable Entity",
    "status": 422,
    "detail": "Invalid request: ip: \\"224.0.0.1\\" is a multicast address; only single hosts can be probed.",
    "errors": [{ "field": "ip", "message": "\\"224.0.0.1\\" is a multicast address; only single hosts can be probed." }]
  }
  \`\`\`

| status | meaning |
| ------ | ------- |
| 400 | the address is already monitored |
| 401 | missing, invalid or expired token |
| 403 | the probe policy forbids the address |
| 404 | no target has this id |
| 413 | the body is too large |
| 415 | unsupported body type |
| 422 | invalid input; \`errors\` lists every invalid field |
| 429 | too many requests or login attempts; \`Retry-After\` says when to try again |
| 503 | tracing cannot run or took too long, or the database is unavailable |
`;
