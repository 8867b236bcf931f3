import { z } from 'zod';
import {
  type ProbeKindName,
  type ProbeSpec,
  probeKindNames,
  probeKinds,
  probeWords,
} from '../../core/target/probe-kinds.ts';
import { parseHostname, portMax, portMin } from '../../core/target/target.ts';

const portError = `must be a whole number from ${portMin} to ${portMax}, or null.`;

/** Where probes go and what kind they are, apart from the address. */
export const placeFields = {
  host: z
    .string('must be the text of a host name.')
    .max(300)
    .transform((text, context) => {
      const name = parseHostname(text);
      if (name !== undefined) return name;
      context.addIssue({ code: 'custom', message: `${JSON.stringify(text)} is not a host name.` });
      return z.NEVER;
    })
    .meta({
      description:
        'A name instead of `ip`. It is resolved at once, and again whenever its TTL has expired; `ip` is then the address ' +
        'in use. If `ip` is given as well, it is used until the name can be resolved',
      example: 'router.example',
    }),
  family: z
    .enum(['any', 'ipv4', 'ipv6'], 'must be any, ipv4 or ipv6.')
    .meta({
      description: 'Which addresses of a `host` are used. With any, those that the server has a route to, IPv4 first',
    }),
  probe: z
    .enum(probeKindNames, `must be ${probeKindNames.slice(0, -1).join(', ')} or ${probeKindNames.at(-1)}.`)
    .meta({ description: '`tcp` connects to `port` and is answered by the handshake; a port that refuses is a loss' }),
  port: z.int(portError).min(portMin, portError).max(portMax, portError).nullable(),
};

export const families = placeFields.family.options;

interface Place {
  readonly ip: string;
  readonly host: string | null;
  readonly probe: ProbeKindName;
  readonly port: number | null;
}

/** Where a target's probes go, in short: the address alone if that is what is pinged. */
export function placeText({ ip, host, probe, port }: Place): string {
  const words = probeWords((port === null ? { kind: probe } : { kind: probe, port }) as ProbeSpec);
  return words === '' ? (host ?? ip) : `${host ?? ip} ${words}`;
}

/** What a target is called: its own name, otherwise its place. */
export function nameOf(target: Place & { readonly name: string | null }): string {
  return target.name ?? placeText(target);
}

/** Shown beside the name when there is room: the place of a target that has a name, otherwise its notes. */
export function secondLineOf(target: Place & { readonly name: string | null; readonly notes: string | null }): string {
  return target.name === null ? (target.notes ?? '') : placeText(target);
}

interface ProbeAsked {
  readonly probe?: ProbeKindName | undefined;
  readonly port?: number | null | undefined;
}

const kindsWithPort = probeKindNames.filter((kind) => probeKinds[kind].takesPort);

/** A port alone means TCP; the two must not contradict each other. */
export function checkProbe({ value, issues }: z.core.ParsePayload<ProbeAsked>): void {
  const { probe, port } = value;
  if (probe === undefined) return;
  const hasPort = typeof port === 'number';
  const { takesPort } = probeKinds[probe];
  if (takesPort && !hasPort) issues.push(fault(value, 'port', `must be given for ${probe} probes.`));
  if (!takesPort && hasPort) issues.push(fault(value, 'port', `is for ${kindsWithPort.join(' and ')} probes only.`));
}

export function fault(input: unknown, field: string, message: string): z.core.$ZodRawIssue {
  return { code: 'custom', input, path: [field], message };
}
