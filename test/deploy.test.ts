import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, delimiter, dirname, join, matchesGlob, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Copy, DockerfileParser, Env, type Instruction } from 'dockerfile-ast';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { definitions } from '../src/config-settings.ts';
import { parseConfig } from '../src/config.ts';
import { temporaryFolder } from './e2e/server.ts';
import { isSkipped, programPath } from './netns/requirements.ts';
import { freePort } from './free-port.ts';

/** What a stage of the Dockerfile has become in a folder that stands for its file system. */
interface Stage {
  readonly folder: string;
  readonly workdir: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
}

const composeFile = z.looseObject({
  services: z.record(
    z.string(),
    z.looseObject({
      image: z.string().optional(),
      environment: z.record(z.string(), z.string()),
      depends_on: z.record(z.string(), z.object({ condition: z.string() })).optional(),
      healthcheck: z.looseObject({ test: z.array(z.string()) }).optional(),
      volumes: z.array(z.string()),
    }),
  ),
  volumes: z.record(z.string(), z.null()),
});
const given = { POSTGRES_PASSWORD: '0123456789abcdef', ADMIN_PASSWORD: 'only in this test' };
/** Read by Node or by pmd, not by the server. */
const otherNames = new Set(['XDG_CONFIG_HOME']);

let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
let image: Stage;

beforeAll(async () => {
  temporary = await temporaryFolder();
  chmodSync(temporary.path, 0o755);
  image = buildImage(temporary.path);
}, 120_000);
afterAll(() => temporary[Symbol.asyncDispose]());

test('the image runs as a user without rights, but for NET_RAW on the file of node', () => {
  expect(image.user).toBe('node');
  expect(readFileSync('Dockerfile', 'utf8')).toMatch(/setcap cap_net_raw\+ep /);
  for (const file of ['compose.yaml', 'compose.sqlite.yaml']) {
    const { app } = readCompose(file, given).services;
    expect(app).toMatchObject({ cap_drop: ['ALL'], cap_add: ['NET_RAW'], read_only: true, tmpfs: ['/tmp'] });
    expect(app).not.toHaveProperty('security_opt');
    expect(app).toMatchObject({ ports: ['7464:7464', '6666:7464'], volumes: ['data:/data'] });
  }
});

test('both compose files run the same app; compose.yaml waits for a healthy database of a pinned version', () => {
  const { app, database } = readCompose('compose.yaml', given).services;
  const alone = readCompose('compose.sqlite.yaml', given).services;
  expect(Object.keys(alone)).toEqual(['app']);
  const { DATABASE_URL: address, ...environment } = app?.environment ?? {};
  const { DATABASE_URL: file, ...environmentAlone } = alone['app']?.environment ?? {};
  expect(file).toBe(image.environment['DATABASE_URL']);
  const { depends_on: waits, ...rest } = app ?? {};
  expect({ ...rest, environment }).toEqual({ ...alone['app'], environment: environmentAlone });
  expect(waits).toEqual({ database: { condition: 'service_healthy' } });
  expect(database?.image).toMatch(/^timescale\/timescaledb:\d+\.\d+\.\d+-pg17$/);
  expect(database?.healthcheck?.test.slice(0, 2)).toEqual(['CMD', 'pg_isready']);
  const { username, password, hostname, pathname } = new URL(address ?? '');
  expect({ host: hostname, user: username, password, name: pathname.slice(1) }).toEqual({
    host: 'database',
    user: database?.environment['POSTGRES_USER'],
    password: database?.environment['POSTGRES_PASSWORD'],
    name: database?.environment['POSTGRES_DB'],
  });
});

test('no password has a default', () => {
  const { ADMIN_PASSWORD, POSTGRES_PASSWORD } = given;
  expect(() => readCompose('compose.yaml', { ADMIN_PASSWORD })).toThrow(/POSTGRES_PASSWORD: set it in \.env/);
  expect(() => readCompose('compose.yaml', { POSTGRES_PASSWORD })).toThrow(/ADMIN_PASSWORD: set it in \.env/);
  expect(() => readCompose('compose.sqlite.yaml', {})).toThrow(/ADMIN_PASSWORD: set it in \.env/);
});

test('every name in the environment of image and app is a setting, and their values are accepted', () => {
  for (const file of ['compose.yaml', 'compose.sqlite.yaml']) {
    const environment = { ...image.environment, ...readCompose(file, given).services['app']?.environment };
    const unknown = Object.keys(environment).filter((name) => !(name in definitions) && !otherNames.has(name));
    expect(unknown).toEqual([]);
    expect(parseConfig(environment, temporary.path)).toMatchObject({ host: '0.0.0.0', port: 7464 });
  }
});

test('what the Dockerfile builds starts, is healthy, takes pmd commands without a login, and writes to /data only', async () => {
  const port = await freePort();
  const environment = environmentFor(port);
  const before = filesOutsideData();
  expect(run(image.healthcheck, environment).status).toBe(1);
  const server = await start([...image.entrypoint, ...image.command], environment);
  try {
    expect(run(image.healthcheck, environment)).toMatchObject({ status: 0, stderr: '' });

    const seed = ['pmd', 'seed', '--targets', '1', '--years', '0.01', '--interval-seconds', '60', '--json'];
    const seeded = run(seed, environment);
    expect(seeded).toMatchObject({ status: 0 });
    const { stage, targets, results } = JSON.parse(seeded.stdout) as Record<string, unknown>;
    expect({ stage, targets }).toEqual({ stage: 'done', targets: 1 });
    // A hundredth of a year, begun at a whole hour.
    expect(results).toBeGreaterThanOrEqual(5256);

    const passwordFile = join(temporary.path, 'password');
    writeFileSync(passwordFile, `${given.ADMIN_PASSWORD}\n`);
    const { ADMIN_PASSWORD: _, ...without } = environment;
    const fresh = { ...without, XDG_CONFIG_HOME: join(temporary.path, 'config') };
    const list = ['pmd', 'target', 'list', '--json'];
    expect(run(list, fresh)).toMatchObject({ status: 3 });
    expect(run(list, { ...fresh, ADMIN_PASSWORD_FILE: passwordFile })).toMatchObject({ status: 0 });
    const elsewhere = { ...environment, XDG_CONFIG_HOME: join(temporary.path, 'other'), APP_PORT: '1' };
    expect(run(list, elsewhere), 'the password is told to the server on APP_PORT only').toMatchObject({ status: 3 });
  } finally {
    expect(await server.stop()).toBe(0);
  }
  expect(filesOutsideData()).toEqual(before);
  expect(existsSync(join(temporary.path, 'home'))).toBe(false);
  expect(readdirSync(join(image.folder, 'data'))).toEqual(
    expect.arrayContaining(['pingmedaddy', 'pingmedaddy.db', 'pingmedaddy.db.secret']),
  );
}, 60_000);

const hasTools = ['setcap', 'setpriv'].every((name) => programPath(name) !== undefined);
const isCapabilitySkipped = isSkipped('NET_RAW on the file of node', 'root');
if (!hasTools) process.stdout.write('SKIPPED NET_RAW on the file of node: no setcap or setpriv\n');

test.skipIf(isCapabilitySkipped || !hasTools)(
  'an unprivileged user with NET_RAW on the file of node probes by raw sockets; no-new-privileges takes that away',
  async () => {
    const bin = join(temporary.path, 'bin');
    mkdirSync(bin);
    cpSync(process.execPath, join(bin, 'node'));
    execFileSync(programPath('setcap') ?? '', ['cap_net_raw+ep', join(bin, 'node')]);
    // Whoever may read the checkout: its owner, or nobody where that is root.
    const user = statSync('.').uid || 65_534;
    const data = join(temporary.path, 'unprivileged');
    mkdirSync(data);
    chownSync(data, user, user);
    const environment = {
      ...environmentFor(await freePort()),
      DATABASE_URL: `sqlite:${data}/pingmedaddy.db`,
      PATH: [bin, environmentFor(0).PATH].join(delimiter),
    };
    const identity = [`--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--inh-caps=-all'];
    const asUser = ['setpriv', ...identity, '--bounding-set=-all,+net_raw'];
    const command = [...image.entrypoint, ...image.command];
    const server = await start([...asUser, ...command], environment);
    expect(await server.stop()).toBe(0);
    expect(server.log.join('\n')).toMatch(/Probing IPv4[^"]* raw sockets/);

    // How this machine's ping_group_range stands decides what is left: ping sockets, the system's ping, or no start.
    const less = await start([...asUser, '--no-new-privs', ...command], environment).catch((error: Error) => error);
    if (!(less instanceof Error)) await less.stop();
    expect(less instanceof Error ? less.message : less.log.join('\n')).not.toMatch(/Probing IPv4[^"]* raw sockets/);
  },
  60_000,
);

/** Follows the Dockerfile: each stage in a folder; what its base image and the registries give is linked or left out. */
function buildImage(root: string): Stage {
  const stages = new Map<string, Stage>();
  let stage: Stage | undefined;
  let name = '';
  for (const instruction of DockerfileParser.parse(readFileSync('Dockerfile', 'utf8')).getInstructions()) {
    const words = instruction.getArguments().map((word) => word.getValue());
    if (instruction.getKeyword() === 'FROM') {
      name = words[2] ?? 'last';
      stage = beginStage(join(root, name), stages.get(words[0] ?? ''));
    } else if (stage === undefined) {
      throw new Error('an instruction stands before the first FROM');
    } else {
      stage = follow(instruction, words, stage, stages);
    }
    stages.set(name, stage);
  }
  const last = stages.get('last');
  if (last === undefined) throw new Error('the last stage has a name, or there is none');
  return last;
}

function beginStage(folder: string, base: Stage | undefined): Stage {
  if (base !== undefined) cpSync(base.folder, folder, { recursive: true });
  mkdirSync(join(folder, 'usr/local/bin'), { recursive: true });
  const empty = { workdir: '/', environment: {}, user: 'root', entrypoint: [], command: [], healthcheck: [] };
  return { ...empty, ...base, folder };
}

function follow(instruction: Instruction, words: string[], stage: Stage, stages: ReadonlyMap<string, Stage>): Stage {
  const text = instruction.getArgumentsContent() ?? '';
  const keyword = instruction.getKeyword();
  switch (keyword) {
    case 'WORKDIR':
      mkdirSync(join(stage.folder, text), { recursive: true });
      return { ...stage, workdir: text };
    case 'COPY':
      copy(instruction, words, stage, stages);
      return stage;
    case 'RUN':
      runStep(text, stage);
      return stage;
    case 'ENV': {
      const properties = instruction instanceof Env ? instruction.getProperties() : [];
      const environment = Object.fromEntries(properties.map((each) => [each.getName(), each.getValue() ?? '']));
      return { ...stage, environment: { ...stage.environment, ...environment } };
    }
    case 'USER':
      return { ...stage, user: text };
    case 'ENTRYPOINT':
      return { ...stage, entrypoint: commandWords(text) };
    case 'CMD':
      return { ...stage, command: commandWords(text) };
    case 'HEALTHCHECK':
      return { ...stage, healthcheck: commandWords(text.slice(text.indexOf('['))) };
    case 'VOLUME':
    case 'EXPOSE':
      return stage;
    default:
      throw new Error(`this test does not know ${keyword}`);
  }
}

function copy(instruction: Instruction, words: string[], stage: Stage, stages: ReadonlyMap<string, Stage>): void {
  const from = instruction instanceof Copy ? instruction.getFromFlag()?.getValue() : undefined;
  const source = typeof from === 'string' ? (stages.get(from)?.folder ?? '') : process.cwd();
  const ignored = typeof from === 'string' ? [] : readFileSync('.dockerignore', 'utf8').trim().split('\n');
  const target = resolve(join(stage.folder, stage.workdir), words.at(-1) ?? '');
  for (const word of words.slice(0, -1)) {
    const path = join(source, word);
    const isFile = !statSync(path).isDirectory();
    const filter = (each: string): boolean =>
      !ignored.some((pattern) => matchesGlob(relative(source, each) || '.', pattern));
    if (!filter(path)) throw new Error(`${word} is copied, but .dockerignore leaves it out`);
    cpSync(path, isFile ? join(target, basename(path)) : target, { recursive: true, filter });
  }
}

/** apt-get changes the base image, which is not here; what npm ci would install is here already. */
function runStep(text: string, stage: Stage): void {
  if (text.startsWith('apt-get ')) return;
  const cwd = join(stage.folder, stage.workdir);
  if (text.startsWith('npm ci ')) {
    if (!existsSync(join(cwd, 'node_modules'))) symlinkSync(resolve('node_modules'), join(cwd, 'node_modules'));
    return;
  }
  const env = { PATH: process.env['PATH'] ?? '', HOME: stage.folder };
  execFileSync('sh', ['-c', within(stage.folder, text)], { cwd, env, encoding: 'utf8' });
}

/** The image's absolute paths, moved into the folder that stands for its root. */
function within(folder: string, text: string): string {
  return text.replaceAll(/(?<=^|[\s"'=:])\/(?=(?:app|data|usr\/local)\b)/g, `${folder}/`);
}

function commandWords(json: string): readonly string[] {
  return z.array(z.string()).parse(JSON.parse(json));
}

/** As Compose reads it, with `values` in the place of `.env`. */
function readCompose(file: string, values: Readonly<Record<string, string>>): z.infer<typeof composeFile> {
  const text = readFileSync(file, 'utf8').replaceAll(
    /\$\{(\w+):\?([^}]+)\}/g,
    (_, name: string, message: string): string => {
      const value = values[name];
      if (value === undefined) throw new Error(`${name}: ${message}`);
      return value;
    },
  );
  expect(text, 'nothing but required variables').not.toContain('${');
  return composeFile.parse(parse(text));
}

/** That of a container of compose.sqlite.yaml; Node and a shell come from this machine. */
function environmentFor(port: number): Record<string, string> & { readonly PATH: string } {
  const ofImage = { ...image.environment, ...readCompose('compose.sqlite.yaml', given).services['app']?.environment };
  const moved = Object.entries(ofImage).map(([name, value]) => [name, within(image.folder, value)]);
  const path = [join(image.folder, 'usr/local/bin'), dirname(process.execPath), '/usr/sbin', '/usr/bin', '/bin'];
  return {
    ...(Object.fromEntries(moved) as Record<string, string>),
    PATH: path.join(delimiter),
    HOME: join(temporary.path, 'home'),
    // Instead of the container's own port 7464.
    APP_PORT: String(port),
    PMD_URL: `http://127.0.0.1:${port}`,
  };
}

function run([program = '', ...words]: readonly string[], env: Readonly<Record<string, string>>) {
  const cwd = join(image.folder, image.workdir);
  return spawnSync('/usr/bin/env', [program, ...words], { cwd, env, encoding: 'utf8', timeout: 30_000 });
}

async function start(words: readonly string[], env: Readonly<Record<string, string>>) {
  const cwd = join(image.folder, image.workdir);
  const child: ChildProcess = spawn('/usr/bin/env', [...words], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close') as Promise<[number | null]>;
  const log: string[] = [];
  const isListening = new Promise<void>((listening) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        log.push(line);
        if (line.includes('listens on')) listening();
      });
    }
  });
  const failed = ended.then(([code]) => {
    throw new Error(`it ended with ${code}:\n${log.join('\n')}`);
  });
  failed.catch(() => undefined);
  await Promise.race([isListening, failed]);
  const stop = async (): Promise<number | null> => {
    child.kill('SIGTERM');
    return (await ended)[0];
  };
  return { log, stop };
}

function filesOutsideData(): readonly string[] {
  const ignored = ['data/**', 'app/node_modules/**'];
  return globSync('**', { cwd: image.folder, exclude: ignored }).toSorted();
}
