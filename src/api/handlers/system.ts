import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import {
  seedHistory,
  showInstallation,
  showLiveness,
  showMetrics,
  showReadiness,
  showSettings,
} from '../../contract/system.ts';
import { forecastDisk } from '../../core/history/disk-forecast.ts';
import { Problem } from '../../core/problem.ts';
import type { ApiDependencies, Streams } from '../dependencies.ts';
import type { Auth } from '../access/port.ts';
import { isKnownCaller } from '../access/caller.ts';
import { createMetrics } from '../health/metrics.ts';
import { healthSoon, readReadiness } from '../health/readiness.ts';
import { serve } from '../requests/route.ts';
import { instantOf, intervalMillis } from '../translate.ts';

export function serveSystem(
  app: FastifyInstance,
  dependencies: ApiDependencies & { readonly auth: Auth; readonly streams: Streams },
): void {
  const { monitor, storage, auth, settings, version, now } = dependencies;
  const startedAt = instantOf(now());
  const metrics = createMetrics(dependencies);

  serve(app, showLiveness, () => ({ status: 'ok' }));

  serve(app, showReadiness, async ({ request, reply }) => {
    const readiness = await readReadiness(dependencies, await isKnownCaller(request, auth));
    if (readiness.status === 'failing') void reply.status(503);
    return readiness;
  });

  serve(app, showMetrics, async ({ reply }) => {
    const parts = await metrics.text();
    return reply.type(metrics.contentType).send(Readable.from(parts, { objectMode: true, highWaterMark: 1 }));
  });

  serve(app, showSettings, () => Object.fromEntries(settings.map(({ name, value }) => [name, value])));

  serve(app, showInstallation, async () => {
    const targets = await storage.listTargets();
    const probed = targets.filter((target) => target.isActive && !target.isSynthetic);
    const { engine, diskCosts, message, sizeBytes } = await healthSoon(storage);
    const { retention } = monitor;
    const forecast = forecastDisk(
      probed.map((target) => target.intervalMillis),
      retention,
      diskCosts,
    );
    return {
      ...{ version, node: process.versions.node, started_at: startedAt, engine, engine_message: message },
      ...{ database_bytes: sizeBytes, prober_message: monitor.prober.status().message, targets: targets.length },
      retention: { raw_days: retention.rawDays, minute_days: retention.minuteDays, hour_days: retention.hourDays },
      forecast: {
        results_per_day: forecast.resultsPerDay,
        raw_bytes: forecast.rawBytes ?? null,
        minute_bytes: forecast.minuteBytes ?? null,
        hour_bytes: forecast.hourBytes ?? null,
        growth_bytes_per_year: forecast.growthBytesPerYear,
      },
    };
  });

  serve(app, seedHistory, async ({ body, reply, signal }) => {
    const plan = {
      targets: body.targets,
      years: body.years,
      intervalMillis: intervalMillis(body.interval_seconds),
      lossRatio: body.loss_rate,
      seed: body.seed,
      isReset: body.reset,
    };
    const progress = monitor.seeding.run(plan, signal);
    // The first step shows whether it can run at all; until then, problems can be reported by status code.
    const first = await progress.next();
    if (first.done === true) throw new Problem('invalid-input', 'No demo data was requested.');
    async function* lines(): AsyncGenerator<string> {
      for (let step = first; step.done !== true; step = await progress.next()) {
        const { stage, targetsDone, results, fraction } = step.value;
        const shape = { stage, targets_done: targetsDone, targets: plan.targets, results, fraction };
        yield `${JSON.stringify(shape)}\n`;
      }
    }
    return reply.type('application/x-ndjson').send(Readable.from(lines(), { objectMode: true, highWaterMark: 1 }));
  });
}
