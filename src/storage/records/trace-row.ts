import type { Hop, HopAnswer, MplsLabel } from '../../core/path/path.ts';

/** Hops as JSON, an array for each hop and answer: what is absent costs a null. */
export function hopsToJson(hops: readonly Hop[]): string {
  const rows = hops.map(({ ttl, ip, host, rttMicros, sent, answers, mark }) => {
    const answerRows = answers.map(answerRow);
    const row = [ttl, ip ?? null, host ?? null, rttMicros ?? null, sent, answerRows];
    return mark === undefined ? row : [...row, mark];
  });
  return JSON.stringify(rows);
}

function answerRow({ ip, host, rttMicros, mplsLabels }: HopAnswer): AnswerRow {
  if (mplsLabels.length === 0) return [ip, host ?? null, rttMicros];
  const labels = mplsLabels.map((each): LabelRow => [each.label, each.trafficClass, each.isBottom ? 1 : 0, each.ttl]);
  return [ip, host ?? null, rttMicros, labels];
}

type LabelRow = readonly [label: number, trafficClass: number, isBottom: number, ttl: number];
type AnswerRow = readonly [ip: string, host: string | null, rttMicros: number, labels?: readonly LabelRow[]];
type HopRow = readonly [
  ttl: number,
  ip: string | null,
  host: string | null,
  rttMicros: number | null,
  sent: number,
  answers: readonly AnswerRow[],
  mark?: string,
];

export function hopsFromJson(text: string): readonly Hop[] {
  return (JSON.parse(text) as readonly HopRow[]).map(([ttl, ip, host, rttMicros, sent, answers, mark]) => ({
    ttl,
    ip: ip ?? undefined,
    host: host ?? undefined,
    rttMicros: rttMicros ?? undefined,
    sent,
    ...(mark === undefined ? {} : { mark }),
    answers: answers.map(([answerIp, answerHost, answerRtt, labels = []]) => ({
      ip: answerIp,
      host: answerHost ?? undefined,
      rttMicros: answerRtt,
      mplsLabels: labels.map(labelOf),
    })),
  }));
}

function labelOf([label, trafficClass, isBottom, ttl]: LabelRow): MplsLabel {
  return { label, trafficClass, isBottom: isBottom === 1, ttl };
}
