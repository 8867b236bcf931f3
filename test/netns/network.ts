import { execFile, execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { promisify } from 'node:util';
import type { ProbeRun, ProbeRunReport } from './probe-in-namespace.ts';
import { programPath } from './requirements.ts';

let networks = 0;

const childScript = (name: string): string => new URL(`./${name}`, import.meta.url).pathname;

/** The namespaces of one test, joined by veth pairs; `remove` removes all of it. */
export class TestNetwork {
  readonly #prefix = `pmd${process.pid}x${networks++}`;
  readonly #names = new Set<string>();
  readonly #children = new Set<ChildProcess>();
  readonly #ip = programPath('ip') ?? 'ip';

  /** A namespace with its loopback up; `sysctls` as `net.ipv4.ip_forward=1`. */
  add(name: string, ...sysctls: readonly string[]): void {
    this.#run(['netns', 'add', this.#full(name)]);
    this.#names.add(name);
    this.ip(name, 'link set lo up');
    for (const sysctl of sysctls) this.exec(name, 'sysctl', '-qw', sysctl);
  }

  /** Joins two namespaces; addresses with prefix length, both families as wanted. */
  join(left: string, leftAddresses: readonly string[], right: string, rightAddresses: readonly string[]): void {
    const [leftLink, rightLink] = [`to-${right}`, `to-${left}`];
    this.#run([
      ...['link', 'add', leftLink, 'netns', this.#full(left), 'type', 'veth'],
      ...['peer', 'name', rightLink, 'netns', this.#full(right)],
    ]);
    const ends: [string, string, readonly string[]][] = [
      [left, leftLink, leftAddresses],
      [right, rightLink, rightAddresses],
    ];
    for (const [name, link, addresses] of ends) {
      for (const address of addresses) {
        this.ip(name, `addr add ${address} dev ${link}${address.includes(':') ? ' nodad' : ''}`);
      }
      this.ip(name, `link set ${link} up`);
    }
  }

  /** `ip` inside a namespace, its arguments split at spaces. */
  ip(name: string, commandLine: string): void {
    this.#run(['-n', this.#full(name), ...commandLine.split(' ')]);
  }

  /** Links that just came up resolve their neighbours with the first packets, which takes up to a second. */
  warmUp(name: string, ...ips: readonly string[]): void {
    for (const ip of ips) this.exec(name, 'sh', '-c', `ping -q -c 3 -i 0.3 -W 1 ${ip} || true`);
  }

  exec(name: string, file: string, ...args: readonly string[]): string {
    return execFileSync(this.#ip, ['netns', 'exec', this.#full(name), file, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  nft(name: string, rules: string): void {
    execFileSync(this.#ip, ['netns', 'exec', this.#full(name), 'nft', '-f', '-'], { input: rules });
  }

  async execAsync(name: string, file: string, ...args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
    return promisify(execFile)(this.#ip, ['netns', 'exec', this.#full(name), file, ...args]);
  }

  /** What to put before a command so that it runs in a namespace. */
  inside(name: string): readonly string[] {
    return [this.#ip, 'netns', 'exec', this.#full(name)];
  }

  /** Runs a prober in a namespace, as a user without any privilege if so asked, and gives its report. */
  async probe(name: string, run: ProbeRun, user: 'root' | 'nobody' = 'root'): Promise<ProbeRunReport> {
    const script = childScript('probe-in-namespace.ts');
    const as = user === 'root' ? [] : ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    const argv = ['netns', 'exec', this.#full(name), ...as, process.execPath, script];
    const running = promisify(execFile)(this.#ip, argv, { maxBuffer: 64 << 20 });
    running.child.stdin?.end(JSON.stringify(run));
    const { stdout } = await running;
    return JSON.parse(stdout) as ProbeRunReport;
  }

  /** Starts one of our scripts in a namespace and waits for its first line. */
  start(name: string, script: string, ...args: readonly string[]): Promise<void> {
    return this.#start([...this.inside(name), process.execPath, childScript(script), ...args]);
  }

  /** The same ahead of every ordinary process, so that it is on time on a machine that is not. */
  startUnhindered(name: string, script: string, ...args: readonly string[]): Promise<void> {
    return this.#start([...this.inside(name), 'chrt', '-f', '50', process.execPath, childScript(script), ...args]);
  }

  async remove(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    }
    for (const name of this.#names) this.#run(['netns', 'del', this.#full(name)]);
  }

  async #start([file = '', ...args]: readonly string[]): Promise<void> {
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#children.add(child);
    await new Promise<void>((resolve, reject) => {
      child.stdout.once('data', () => resolve());
      child.once('exit', (code) => reject(new Error(`${args.join(' ')} ended with ${code}`)));
    });
  }

  /** As the system knows the namespace. */
  nameOf(name: string): string {
    return this.#full(name);
  }

  #full(name: string): string {
    return `${this.#prefix}${name}`;
  }

  #run(args: readonly string[]): void {
    execFileSync(this.#ip, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  }
}
