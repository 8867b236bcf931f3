// npm run sbom: a CycloneDX list of all runtime packages, from the lock file, on standard output. Not npm's own: it leaves out
// packages that need each other, such as pg. The library for it would bring 145 packages of its own.
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const entry = z.looseObject({
  version: z.string(),
  integrity: z.string().optional(),
  license: z.string().optional(),
  dev: z.boolean().optional(),
});
const lock = z
  .object({ name: z.string(), version: z.string(), packages: z.record(z.string(), entry) })
  .parse(JSON.parse(readFileSync('package-lock.json', 'utf8')));

interface Component {
  readonly type: 'library' | 'application';
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses: readonly { readonly expression: string }[];
  readonly hashes: readonly { readonly alg: string; readonly content: string }[];
}

function componentOf(
  type: Component['type'],
  name: string,
  { version, integrity, license }: z.infer<typeof entry>,
): Component {
  const purl = `pkg:npm/${name.replace(/^@/, '%40')}@${version}`;
  const [, algorithm, hash] = /^sha(\d+)-(.+)$/.exec(integrity ?? '') ?? [];
  return {
    ...{ type, 'bom-ref': purl, name, version, purl },
    licenses: license === undefined ? [] : [{ expression: license }],
    hashes:
      hash === undefined ? [] : [{ alg: `SHA-${algorithm}`, content: Buffer.from(hash, 'base64').toString('hex') }],
  };
}

const components = Object.entries(lock.packages)
  .filter(([path, { dev }]) => path !== '' && dev !== true)
  .map(([path, each]) => componentOf('library', path.replace(/^.*node_modules\//, ''), each));
const own = componentOf('application', lock.name, { version: lock.version, license: 'MIT' });
const byPurl = new Map(components.map((component) => [component.purl, component]));
const sbom = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  version: 1,
  metadata: { component: own },
  components: [...byPurl.values()].toSorted((a, b) => (a.purl < b.purl ? -1 : 1)),
};
process.stdout.write(`${JSON.stringify(sbom, null, 2)}\n`);
