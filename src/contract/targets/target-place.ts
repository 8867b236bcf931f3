import { z } from 'zod';
import { parseHostname, portMax, portMin } from '../../core/target/target.ts';

const portError = `must be a whole number from ${portMin} to ${portMax}, or null.`;

/** Where probes go and of what kind they are, beyond an address. */
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
        'A name in place of `ip`: resolved now and again when its time to live has passed; `ip` is then the address in ' +
        'use. With `ip` beside it, that one is used until the name can be resolved',
      example: 'router.example',
    }),
  family: z
    .enum(['any', 'ipv4', 'ipv6'], 'must be any, ipv4 or ipv6.')
    .meta({
      description:
        'Which addresses of a `host` are used; of any, those that the server has a route to, and of these IPv4 first',
    }),
  probe: z
    .enum(['icmp', 'tcp'], 'must be icmp or tcp.')
    .meta({ description: '`tcp` connects to `port` and is answered by the handshake; a port that refuses is a loss' }),
  port: z.int(portError).min(portMin, portError).max(portMax, portError).nullable(),
};

export const families = placeFields.family.options;

/** What a target is called where there is little room: the address alone for one that is pinged at its address. */
export function nameOf({
  ip,
  host,
  port,
}: {
  readonly ip: string;
  readonly host: string | null;
  readonly port: number | null;
}): string {
  return `${host ?? ip}${port === null ? '' : ` tcp/${port}`}`;
}

interface ProbeAsked {
  readonly probe?: 'icmp' | 'tcp' | undefined;
  readonly port?: number | null | undefined;
}

/** A port alone asks for TCP; the two must not contradict each other. */
export function checkProbe({ value, issues }: z.core.ParsePayload<ProbeAsked>): void {
  const { probe, port } = value;
  const hasPort = typeof port === 'number';
  if (probe === 'tcp' && !hasPort) issues.push(fault(value, 'port', 'must be given for tcp probes.'));
  if (probe === 'icmp' && hasPort) issues.push(fault(value, 'port', 'is for tcp probes only.'));
}

export function fault(input: unknown, field: string, message: string): z.core.$ZodRawIssue {
  return { code: 'custom', input, path: [field], message };
}
