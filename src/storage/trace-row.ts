import type { Hop } from '../core/path.ts';

/** Hops as JSON, an array for each hop and answer: what is absent costs a null. */
export function hopsToJson(hops: readonly Hop[]): string {
  const rows = hops.map(({ ttl, ip, host, rttMicros, sent, answers }) => {
    const answerRows = answers.map((answer) => [answer.ip, answer.host ?? null, answer.rttMicros]);
    return [ttl, ip ?? null, host ?? null, rttMicros ?? null, sent, answerRows];
  });
  return JSON.stringify(rows);
}

type AnswerRow = readonly [ip: string, host: string | null, rttMicros: number];
type HopRow = readonly [
  ttl: number,
  ip: string | null,
  host: string | null,
  rttMicros: number | null,
  sent: number,
  answers: readonly AnswerRow[],
];

export function hopsFromJson(text: string): readonly Hop[] {
  return (JSON.parse(text) as readonly HopRow[]).map(([ttl, ip, host, rttMicros, sent, answers]) => ({
    ttl,
    ip: ip ?? undefined,
    host: host ?? undefined,
    rttMicros: rttMicros ?? undefined,
    sent,
    answers: answers.map(([answerIp, answerHost, answerRtt]) => ({
      ip: answerIp,
      host: answerHost ?? undefined,
      rttMicros: answerRtt,
    })),
  }));
}
