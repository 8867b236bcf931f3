import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Client } from '../../contract/client.ts';
import { type EventEntry, type LogEntry, listEvents, listLogs } from '../../contract/history/history.ts';
import { type Insights, showInsights } from '../../contract/history/insights.ts';
import { type CommonOptions, type Context, idArgument, numberArgument, remoteCommand } from '../context.ts';
import { openLive } from '../live.ts';
import { fieldLines, milliseconds, percent, sparkline } from '../output/output.ts';

interface LogOptions extends CommonOptions {
  readonly limit: number;
  readonly follow?: true;
}

interface InsightOptions extends CommonOptions {
  readonly windowMinutes?: number;
  readonly bucketSeconds?: number;
  readonly start?: string;
  readonly end?: string;
}

export function addHistoryCommands(target: Command, context: Context): void {
  const { output, open } = context;

  remoteCommand(target, 'logs <id>', 'the latest results, oldest first', 'pmd target logs 1 --follow')
    .option('--limit <n>', 'how many, 1 to 1000', numberArgument('--limit'), 100)
    .option('-f, --follow', 'stream new results until Ctrl-C')
    .action(async (text: string, options: LogOptions) => {
      const id = idArgument(text);
      const client = await open(options.server);
      const print = (entry: LogEntry): void =>
        options.json === true ? output.json(entry) : output.line(logLine(entry));
      if (options.follow === true) return follow(context, client, id, { ...options, print });
      const entries = await client.call(listLogs, { params: { id }, query: { limit: options.limit } });
      if (options.json === true) return output.json(entries);
      for (const entry of entries) print(entry);
    });

  remoteCommand(target, 'events <id>', 'events of a target, newest first', 'pmd target events 1')
    .option('--limit <n>', 'how many', numberArgument('--limit'), 100)
    .action(async (text: string, options: CommonOptions & { limit: number }) => {
      const client = await open(options.server);
      const params = { id: idArgument(text) };
      const events = await client.call(listEvents, { params, query: { limit: options.limit } });
      if (options.json === true) output.json(events);
      else output.table(['time', 'event', 'message'], events.map(eventRow));
    });

  remoteCommand(target, 'insights <id>', 'statistics of a window', 'pmd target insights 1 --window-minutes 1440')
    .option(
      '--window-minutes <n>',
      'window length in minutes, ending now (default: 60)',
      numberArgument('--window-minutes'),
    )
    .option(
      '--bucket-seconds <n>',
      'length of a bucket of the timeline (default: by the window)',
      numberArgument('--bucket-seconds'),
    )
    .option('--start <time>', 'RFC 3339, instead of --window-minutes')
    .option('--end <time>', 'RFC 3339 (default: now)')
    .action(async (text: string, options: InsightOptions) => {
      const query = {
        window_minutes: options.windowMinutes,
        bucket_seconds: options.bucketSeconds ?? bucketFor(options),
        start: options.start,
        end: options.end,
      };
      const answer = await (await open(options.server)).call(showInsights, { params: { id: idArgument(text) }, query });
      if (options.json === true) output.json(answer);
      else for (const line of fieldLines(insightLines(answer))) output.line(line);
    });
}

/** A bucket length that gives a few hundred buckets at most, whatever the window. */
function bucketFor({ windowMinutes = 60, start, end }: InsightOptions): number {
  const until = end === undefined ? Date.now() : Date.parse(end);
  const seconds = start === undefined ? windowMinutes * 60 : (until - Date.parse(start)) / 1000;
  return [60, 300, 3600, 21_600].find((bucket) => seconds / bucket <= 1000) ?? 86_400;
}

const seamLookMillis = 300;
const seamTimeoutMillis = 10_000;
const seamResultsMax = 1000;

/**
 * Stored results first, then live ones. The stream is opened before the stored results are read, and results measured before that
 * may be stored seconds later: reading repeats until it includes the first live result.
 */
async function follow(
  { signal }: Context,
  client: Client,
  id: number,
  { limit, print }: LogOptions & { print: (entry: LogEntry) => void },
): Promise<void> {
  const live = await openLive(client, { targets: String(id) }, signal);
  const read = (count: number): Promise<LogEntry[]> =>
    client.call(listLogs, { params: { id }, query: { limit: count } });
  let printed = '';
  const printNew = (entries: readonly LogEntry[]): void => {
    for (const entry of entries) {
      if (entry.time <= printed) continue;
      print(entry);
      printed = entry.time;
    }
  };
  printNew(await read(limit));
  let isSeamClosed = false;
  for await (const message of live) {
    if (message.type !== 'results') continue;
    const entries = message.results.map(({ target_id: _target, ...entry }) => entry);
    if (!isSeamClosed) await closeSeam(entries[0]?.time ?? '');
    isSeamClosed = true;
    printNew(entries.toSorted((a, b) => (a.time < b.time ? -1 : 1)));
  }

  /** Prints what is stored from before the first live result. */
  async function closeSeam(first: string): Promise<void> {
    const giveUpAt = performance.now() + seamTimeoutMillis;
    while (performance.now() < giveUpAt) {
      // The limit applies to the first page only; everything since then is wanted.
      const stored = await read(seamResultsMax);
      if (stored.some(({ time }) => time >= first)) {
        const before = stored.filter(({ time }) => time < first);
        return printNew(printed === '' ? before.slice(-limit) : before);
      }
      await delay(seamLookMillis, undefined, { signal });
    }
  }
}

function logLine(entry: LogEntry): string {
  if (entry.packet_loss) {
    return `${entry.time}  lost${entry.loss_reason === undefined ? '' : ` (${entry.loss_reason})`}`;
  }
  return `${entry.time}  ${milliseconds(entry.latency_ms).padStart(12)}  ${entry.hops ?? '–'} hops`;
}

function eventRow(event: EventEntry): string[] {
  return [event.created_at, event.event_type, event.message];
}

function insightLines(answer: Insights): [string, string][] {
  const bound = answer.percentile_error_bound;
  const exactness = bound === 0 ? 'exact' : `within ${(bound * 100).toFixed(2)}%`;
  return [
    ['target', `${answer.target_ip} (id ${answer.target_id})`],
    ['window', `${answer.window_start} to ${answer.window_end}`],
    ['data', `${answer.data_start} to ${answer.data_end}`],
    ['samples', `${answer.sample_count}, ${answer.loss_count} lost (${percent(answer.loss_rate)})`],
    ['availability', answer.availability_percent === null ? '–' : `${answer.availability_percent.toFixed(3)}%`],
    ['uptime', answer.uptime_percent === null ? '–' : `${answer.uptime_percent.toFixed(3)}%`],
    ['coverage', `${percent(answer.coverage)} of the window was probed`],
    ['average', milliseconds(answer.latency_avg_ms)],
    ['min', milliseconds(answer.latency_min_ms)],
    ['p50', `${milliseconds(answer.latency_p50_ms)}   (percentiles ${exactness}, from ${answer.resolution} data)`],
    ['p95', milliseconds(answer.latency_p95_ms)],
    ['p99', milliseconds(answer.latency_p99_ms)],
    ['max', milliseconds(answer.latency_max_ms)],
    ['ipdv', `${milliseconds(answer.ipdv_mean_ms)}   (mean difference between neighbouring round trips)`],
    ['jitter', `${milliseconds(answer.jitter_ms)}   (RFC 3550 on round trips, at the end of the window)`],
    ['hops', answer.hops === null ? '–' : `${answer.hops.last} (${answer.hops.min} to ${answer.hops.max})`],
    ['timeline', sparkline(answer.timeline.slice(-100).map((bucket) => bucket.p50_latency_ms))],
  ];
}
