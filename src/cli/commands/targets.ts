import { type Command, Option } from 'commander';
import { fieldLines } from '../output/output.ts';
import {
  type TargetChangeShape,
  type TargetShape,
  addTarget,
  changeTarget,
  deleteTarget,
  listTargets,
  pauseTarget,
  restoreTarget,
  resumeTarget,
  showTarget,
} from '../../contract/targets/targets.ts';
import { placeText } from '../../contract/targets/target-place.ts';
import { confirmLoss } from '../ask.ts';
import { type CommonOptions, type Context, idArgument, numberArgument, remoteCommand } from '../context.ts';
import { type ProbeKindName, probeKindNames } from '../../core/target/probe-kinds.ts';
import { parseHostname, parseTargetAddress } from '../../core/target/target.ts';
import { reasonWords } from '../output/state-words.ts';
import { UsageError } from '../failure.ts';

interface TargetOptions extends CommonOptions {
  /** The target's own link. */
  readonly url?: string;
  readonly frequency?: number;
  readonly name?: string;
  readonly notes?: string;
  readonly tag?: readonly string[];
  readonly probe?: ProbeKindName;
  readonly tcp?: OrUsual<number>;
  readonly host?: OrUsual<string>;
  readonly family?: 'any' | 'ipv4' | 'ipv6';
  readonly packetSize?: OrUsual<number>;
  readonly dscp?: OrUsual<number>;
  readonly ttl?: OrUsual<number>;
  readonly dontFragment?: boolean;
}

export function addTargetCommands(target: Command, context: Context): void {
  const { output, open } = context;

  // In these two commands --url is the target's own link, as in the old interface.
  withFields(
    target.command('add <ip-or-host>').description('start probing an address or a host name'),
    'pmd target add router.example --tcp 443',
  ).action(async (text: string, options: TargetOptions) => {
    const client = await open(options.server);
    const { host: _, ...fields } = fieldsOf(options);
    const answer = await client.call(addTarget, { body: { ...placeArgument(text), ...fields } });
    if (options.json === true) output.json(answer);
    else output.line(`${answer.message} (id ${answer.id})`);
  });

  withFields(
    target
      .command('update <id>')
      .description('change name, frequency, url, notes, tags, host, port or packet options')
      .option('--host <name>', 'a name that is resolved to the address; empty keeps the address in use', hostArgument),
    'pmd target update 1 --notes ""',
  ).action(async (text: string, options: TargetOptions) => {
    const body = fieldsOf(options);
    if (Object.keys(body).length === 0) throw new UsageError(`Give at least one of ${fieldOptions.join(', ')}.`);
    const client = await open(options.server);
    print(await client.call(changeTarget, { params: { id: idArgument(text) }, body }), options);
  });

  remoteCommand(target, 'list', 'all targets', 'pmd target list --json')
    .option('--deleted', 'list deleted targets instead; pmd target restore restores one')
    .action(async (options: CommonOptions & { deleted?: true }) => {
      const isDeleted = options.deleted === true;
      const client = await open(options.server);
      const targets = await client.call(listTargets, { query: { deleted: isDeleted ? 'true' : 'false' } });
      if (options.json === true) output.json(targets);
      else if (targets.length === 0) {
        output.line(isDeleted ? 'There are no deleted targets.' : 'There are no targets yet: pmd target add <ip>');
      } else if (isDeleted)
        output.table(['id', 'ip', 'deleted', 'name', 'tags', 'notes'], targets.map(deletedRow), ['id']);
      else output.table(['id', 'ip', 'every', 'state', 'since', 'name', 'tags', 'notes'], targets.map(row), ['id']);
    });

  remoteCommand(target, 'show <id>', 'one target', 'pmd target show 1')
    .option('--deleted', 'also show a deleted target: when it was deleted, and by whom')
    .action(async (text: string, options: CommonOptions & { deleted?: true }) => {
      const client = await open(options.server);
      const query = { deleted: options.deleted === true ? ('true' as const) : ('false' as const) };
      print(await client.call(showTarget, { params: { id: idArgument(text) }, query }), options);
    });

  const switches = [
    ['pause', 'pause probing', pauseTarget],
    ['resume', 'resume probing', resumeTarget],
    ['restore', 'restore a deleted target with its history', restoreTarget],
  ] as const;
  for (const [name, text, operation] of switches) {
    remoteCommand(target, `${name} <id>`, text, `pmd target ${name} 1`).action(
      async (id: string, options: CommonOptions) => {
        const answer = await (await open(options.server)).call(operation, { params: { id: idArgument(id) } });
        if (options.json === true) output.json(answer);
        else output.line(answer.message);
      },
    );
  }

  remoteCommand(target, 'delete <id>', 'delete a target; its history is kept', 'pmd target delete 1')
    .option('--purge', 'also erase its history permanently')
    .option('--yes', 'do not ask before erasing')
    .action(async (text: string, options: CommonOptions & { purge?: true; yes?: true }) => {
      const id = idArgument(text);
      if (options.purge === true && options.yes !== true) await confirmErasing(context, id);
      const query = { purge: options.purge === true ? ('true' as const) : ('false' as const) };
      const answer = await (await open(options.server)).call(deleteTarget, { params: { id }, query });
      if (options.json === true) output.json(answer);
      else
        output.line(
          options.purge === true ? answer.message : `${answer.message}; pmd target restore ${id} brings it back.`,
        );
    });

  function print(shape: TargetShape, options: CommonOptions): void {
    if (options.json === true) return output.json(shape);
    const fields = Object.entries({ ...shape, reason: reasonWords(shape.reason) });
    for (const line of fieldLines(fields.map(([name, value]) => [name, textOf(value)]))) output.line(line);
  }
}

function textOf(value: Exclude<TargetShape[keyof TargetShape], TargetShape['reason']>): string {
  if (Array.isArray(value)) return value.length === 0 ? '–' : value.join(', ');
  return value === null ? '–' : String(value);
}

function withFields(command: Command, example: string): Command {
  return command
    .option('--json', 'print JSON for scripts')
    .option('--frequency <seconds>', 'seconds between probes, 0.1 to 3600', numberArgument('--frequency'))
    .option('--server <url>', 'server (default: PMD_URL)')
    .option('--url <url>', "link to the target's own interface; empty removes it")
    .option('--tcp <port>', 'probe by connecting to this port; empty for ICMP', packetArgument('--tcp'))
    .addOption(new Option('--probe <kind>', 'kind of probe; tcp needs --tcp').choices(probeKindNames))
    .option('--family <family>', 'of a host name: any, ipv4 or ipv6', familyArgument)
    .option('--name <text>', 'what you call the target, up to 100 characters; empty removes it')
    .option('--notes <text>', 'notes; empty removes them')
    .option('--tag <tag>', 'tag; repeat the option for several; empty removes all', collect)
    .option(
      '--packet-size <bytes>',
      'payload of a probe, 0 to 1472; empty restores the default',
      packetArgument('--packet-size'),
    )
    .option(
      '--dscp <number>',
      'differentiated services code point of a probe, 0 to 63; empty restores the default',
      packetArgument('--dscp'),
    )
    .option(
      '--ttl <number>',
      'time to live (hop limit) of a probe, 1 to 255; empty restores the default',
      packetArgument('--ttl'),
    )
    .option('--dont-fragment', 'let routers drop a probe that does not fit, instead of fragmenting it')
    .option('--no-dont-fragment', 'let routers fragment it (default)')
    .addHelpText('after', `\nExample:\n  $ ${example}`);
}

const fieldOptions = [
  ...[
    '--name',
    '--frequency',
    '--url',
    '--notes',
    '--tag',
    '--host',
    '--family',
    '--probe',
    '--tcp',
    '--packet-size',
    '--dscp',
    '--ttl',
  ],
  '--dont-fragment',
];

/** Whatever is not an address but can be a name is sent as a name; the server reports what is wrong with the rest. */
function placeArgument(text: string): { readonly ip: string } | { readonly host: string } {
  const isName = parseTargetAddress(text).kind === 'fault' && parseHostname(text) !== undefined;
  return isName ? { host: text } : { ip: text };
}

/** Commander treats null as a missing value and substitutes an empty text. */
const usual = Symbol('as a plain probe has it');
type OrUsual<Value> = Value | typeof usual;

function valueOf<Value>(given: OrUsual<Value>): Value | null {
  return given === usual ? null : given;
}

const hostArgument = (text: string): OrUsual<string> => (text === '' ? usual : text);

function familyArgument(text: string): 'any' | 'ipv4' | 'ipv6' {
  if (text === 'any' || text === 'ipv4' || text === 'ipv6') return text;
  throw new UsageError(`--family must be any, ipv4 or ipv6, not ${JSON.stringify(text)}.`);
}

/** An empty value resets a field to that of a plain probe. */
function packetArgument(name: string): (text: string) => OrUsual<number> {
  const parse = numberArgument(name);
  return (text) => (text === '' ? usual : parse(text));
}

function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return value === '' ? earlier : [...earlier, value];
}

function fieldsOf(options: TargetOptions): TargetChangeShape {
  const { name, frequency, url, notes, tag, probe, tcp, host, family, packetSize, dscp, ttl, dontFragment } = options;
  if (probe === 'tcp' && typeof tcp !== 'number') throw new UsageError('--probe tcp needs a port: --tcp <port>.');
  if (probe !== undefined && probe !== 'tcp' && typeof tcp === 'number')
    throw new UsageError(`--tcp ${tcp} contradicts --probe ${probe}: give one of the two.`);
  return {
    ...(name === undefined ? {} : { name }),
    ...(frequency === undefined ? {} : { frequency }),
    ...(url === undefined ? {} : { url }),
    ...(notes === undefined ? {} : { notes }),
    ...(tag === undefined ? {} : { tags: [...tag] }),
    ...(probe === undefined ? {} : { probe }),
    ...(tcp === undefined ? {} : tcp === usual ? { probe: 'icmp' } : { probe: 'tcp', port: tcp }),
    ...(host === undefined ? {} : { host: valueOf(host) }),
    ...(family === undefined ? {} : { family }),
    ...(packetSize === undefined ? {} : { packet_size: valueOf(packetSize) }),
    ...(dscp === undefined ? {} : { dscp: valueOf(dscp) }),
    ...(ttl === undefined ? {} : { ttl: valueOf(ttl) }),
    ...(dontFragment === undefined ? {} : { dont_fragment: dontFragment }),
  };
}

/** The address alone if that is what is pinged. */
function placeWithAddress(target: TargetShape): string {
  const { ip, host } = target;
  return placeText({ ...target, host: host === null ? null : `${host} (${ip})` });
}

function row(target: TargetShape): string[] {
  return [
    String(target.id),
    placeWithAddress(target),
    `${target.frequency} s`,
    target.state,
    target.state_since?.slice(0, 19).replace('T', ' ') ?? '',
    target.name ?? '',
    target.tags.join(', '),
    target.notes ?? '',
  ];
}

/** With the time of its deletion instead of its state. */
function deletedRow(target: TargetShape): string[] {
  const deletedAt = target.deleted_at?.slice(0, 16).replace('T', ' ') ?? '';
  return [
    String(target.id),
    placeWithAddress(target),
    deletedAt,
    target.name ?? '',
    target.tags.join(', '),
    target.notes ?? '',
  ];
}

function confirmErasing(context: Context, id: number): Promise<void> {
  return confirmLoss(context, {
    question: `Erase target ${id} with all its history, for good?`,
    what: 'Erasing history',
    nothing: 'Nothing was erased.',
  });
}
