import { mainVantage } from '../../core/ids.ts';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { exportLogs, listEvents, listLogs } from '../../contract/history/history.ts';
import { importLogs, listImports, showImport, undoImport } from '../../contract/history/imports.ts';
import { Problem } from '../../core/problem.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { callerOf } from '../access/caller.ts';
import { findWithHistory, targetIdOf } from '../requests/find-target.ts';
import { importDetail, importEntry } from '../files/import-entry.ts';
import { createDownload } from '../files/log-download.ts';
import { importResults } from '../files/log-import.ts';
import { createStrangerCheck } from '../files/named-target.ts';
import { serve } from '../requests/route.ts';
import { eventEntry, logEntry } from '../translate.ts';
import { openWholeHistory } from '../answers/whole-history.ts';

const uploadTypes = [
  'text/csv',
  'application/x-ndjson',
  'application/gzip',
  'application/zstd',
  'application/octet-stream',
];

export function serveHistory(
  app: FastifyInstance,
  { storage, monitor }: Pick<ApiDependencies, 'storage' | 'monitor'>,
): void {
  const { imports } = monitor;

  serve(app, listLogs, async ({ params, query }) => {
    const { id } = await findWithHistory(storage, params.id);
    const before = query.before === undefined ? undefined : Date.parse(query.before);
    const pathHops = monitor.traces.pathHopsOf(id);
    const rows = await storage.readLatestResults({ targetId: id, vantage: mainVantage }, query.limit, before);
    return rows.map((row) => logEntry(row, pathHops));
  });

  serve(app, listEvents, async ({ params, query }) => {
    const { id } = await findWithHistory(storage, params.id);
    const filter = query.before === undefined ? {} : { beforeId: query.before };
    return (await storage.listEvents(id, query.limit, filter)).map(eventEntry);
  });

  serve(app, exportLogs, async ({ params, query, reply }) => {
    const target = await findWithHistory(storage, params.id);
    const from = query.from === undefined ? 0 : Date.parse(query.from);
    const to = query.to === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(query.to);
    if (from > to) {
      const message = 'must be later than from.';
      throw new Problem('invalid-input', `to ${message}`, { faults: [{ field: 'to', message }] });
    }
    const batches = await openWholeHistory(storage, target, from, to);
    const { contentType, fileName, content } = createDownload(
      { target, batches, pathHops: monitor.traces.pathHopsOf(target.id), hasIntervals: query.intervals },
      query,
    );
    // However much was sent: an answer that ends properly would look complete.
    content.once('error', () => reply.raw.destroy());
    return reply.type(contentType).header('content-disposition', `attachment; filename="${fileName}"`).send(content);
  });

  // Not useful as one string, so these bodies stay streams.
  app.addContentTypeParser(uploadTypes, (_, payload, done) => done(null, payload));
  serve(app, importLogs, async ({ params, query, request, reply }) => {
    const target = await findWithHistory(storage, params.id);
    if (!(request.body instanceof Readable)) {
      const message = 'is missing: send the CSV or NDJSON of an export with its content type.';
      throw new Problem('invalid-input', `The body ${message}`, { faults: [{ field: 'body', message }] });
    }
    const isNdjson = request.headers['content-type']?.startsWith('application/x-ndjson') === true;
    const strangerIn = query.force ? undefined : await createStrangerCheck(storage, target);
    const { username } = callerOf(request);
    const job = { imports, target, isNdjson, strangerIn, fileName: query.file_name, username };
    const { body } = request;
    // Not destroyed when the reader stops early, because a sender with more to send must still get the answer.
    const content = { [Symbol.asyncIterator]: () => body.iterator({ destroyOnReturn: false }) };
    try {
      const done = await importResults({ ...job, content });
      request.auditDetail = importDetail(done);
      return importEntry(done);
    } catch (error) {
      // The caller disconnected: no fault of ours, and nobody to answer. What was stored stays.
      if (error instanceof Problem || request.raw.complete || !request.raw.destroyed) throw error;
      request.auditDetail = { broken_off: true };
      return reply.hijack();
    }
  });

  serve(app, listImports, async ({ query }) => {
    const { limit, before, target_id: id } = query;
    const targetId = id === undefined ? undefined : targetIdOf(id);
    return (await imports.list({ limit, beforeId: before, targetId })).map(importEntry);
  });

  serve(app, showImport, async ({ params: { id } }) => {
    const found = await imports.find(id);
    if (found === undefined) throw new Problem('not-found', `No import has the id ${id}.`);
    return importEntry(found);
  });

  serve(app, undoImport, async ({ params: { id }, request }) => {
    const undone = await imports.undo(id, callerOf(request).username);
    request.auditDetail = { target_id: undone.targetId, removed: undone.removed, not_removed: undone.kept };
    return importEntry(undone);
  });
}
