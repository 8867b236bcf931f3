interface ProbeKind {
  /** English, for where no translation is available. */
  readonly label: string;
  readonly takesPort: boolean;
}

/**
 * Every kind of probe. A new one is a row here and one in `probe/thread/lane-openers.ts`, which opens what sends it. API, CLI,
 * files, storage and dashboard take their choices from this table.
 */
export const probeKinds = {
  icmp: { label: 'ICMP echo', takesPort: false },
  tcp: { label: 'TCP connection', takesPort: true },
} as const satisfies Readonly<Record<string, ProbeKind>>;

export type ProbeKindName = keyof typeof probeKinds;
export const probeKindNames = Object.keys(probeKinds) as readonly ProbeKindName[];

/** How a target is probed: the kind, and the parameters of that kind. */
export type ProbeSpec = {
  [Kind in ProbeKindName]: (typeof probeKinds)[Kind]['takesPort'] extends true
    ? { readonly kind: Kind; readonly port: number }
    : { readonly kind: Kind };
}[ProbeKindName];

export const icmpProbe: ProbeSpec = { kind: 'icmp' };

export function isProbeKind(text: string): text is ProbeKindName {
  return Object.hasOwn(probeKinds, text);
}

/** `undefined` if a port is missing, or given for a kind without one. */
export function probeSpecOf(kind: ProbeKindName, port: number | null): ProbeSpec | undefined {
  if (probeKinds[kind].takesPort !== (port !== null)) return undefined;
  // `takesPort` of the row and the type of the spec agree.
  return (port === null ? { kind } : { kind, port }) as ProbeSpec;
}

export function portOf(probe: ProbeSpec): number | null {
  return 'port' in probe ? probe.port : null;
}

/** `tcp/443`; empty for a plain ICMP probe, which needs no mention. */
export function probeWords(probe: ProbeSpec): string {
  if (probe.kind === 'icmp') return '';
  const { kind } = probe;
  const port = portOf(probe);
  return port === null ? kind : `${kind}/${port}`;
}
