import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { stringify } from 'csv-stringify/sync';
import {
  exportTargets,
  importTargets,
  nameColumn,
  packetColumns,
  placeColumns,
  showImportTemplate,
  tagsColumn,
  targetColumns,
} from '../../contract/targets/target-files.ts';
import { Problem } from '../../core/problem.ts';
import { targetKey } from '../../core/target/target.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { serve } from '../requests/route.ts';
import { type RowFault, type TargetRows, readTargetRows } from '../files/target-rows.ts';
import { guardCell } from '../files/spreadsheet-cells.ts';
import { targetShape } from '../translate.ts';

export function serveTargetFiles(
  app: FastifyInstance,
  { monitor, storage }: Pick<ApiDependencies, 'monitor' | 'storage'>,
): void {
  serve(app, showImportTemplate, ({ reply }) => {
    return asDownload(reply, 'pingmedaddy-targets-template.csv').send(showImportTemplate.example.answer);
  });

  serve(app, exportTargets, async ({ query, reply }) => {
    const rows = (await storage.listTargets())
      .filter((target) => !target.isSynthetic)
      .map((target) => targetShape(target, monitor.stateOfTarget(target)));
    const hasPlaces = query.hosts || rows.some(({ host, probe }) => host !== null || probe !== 'icmp');
    const hasNames = rows.some(({ name }) => name !== null);
    const added = [
      ...(hasPlaces ? placeColumns : []),
      ...(query.packets ? packetColumns : []),
      ...(hasNames ? ([nameColumn] as const) : []),
    ];
    const header = [...targetColumns, ...(query.tags ? [tagsColumn] : []), ...added];
    const cells = rows.map((row) => [
      ...targetColumns.map((column) => row[column]),
      ...(query.tags ? [row.tags.join(';')] : []),
      ...added.map((column) => row[column]),
    ]);
    const cast = { boolean: String, string: guardCell };
    return asDownload(reply, 'pingmedaddy-targets.csv').send(
      stringify([header, ...cells], { cast, record_delimiter: '\n' }),
    );
  });

  /** Previews an import; names are not resolved for it. */
  async function previewOf(rowCount: number, rows: TargetRows['targets'], faults: readonly RowFault[]) {
    const taken = new Set((await storage.listTargets()).map(targetKey));
    const created = rows.filter((row) => {
      const key = targetKey({ ...row, ip: row.ip ?? '' });
      return !taken.has(key) && taken.add(key);
    }).length;
    const errors = faults.toSorted((a, b) => a.row - b.row);
    return { row_count: rowCount, created, skipped_existing: rows.length - created, errors };
  }

  serve(app, importTargets, async ({ query, request }) => {
    const rows = await readFile(request);
    const allowed: TargetRows['targets'][number][] = [];
    const faults: RowFault[] = [...rows.faults];
    for (const target of rows.targets) {
      try {
        if (target.ip !== undefined) monitor.targets.checkPolicy(target.ip);
        allowed.push(target);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        faults.push({ row: target.row, message: `ip: ${error.message}` });
      }
    }
    if (query.dry_run) return previewOf(rows.rowCount, allowed, faults);
    const { created, skipped, refused } = await monitor.targets.addMissing(allowed);
    for (const { asked, problem } of refused) faults.push({ row: asked.row, message: `host: ${problem.message}` });
    faults.sort((a, b) => a.row - b.row);
    return { row_count: rows.rowCount, created: created.length, skipped_existing: skipped, errors: faults };
  });
}

function asDownload(reply: FastifyReply, filename: string): FastifyReply {
  return reply.type('text/csv; charset=utf-8').header('content-disposition', `attachment; filename="${filename}"`);
}

async function readFile(request: FastifyRequest): Promise<TargetRows> {
  if (request.isMultipart()) {
    for await (const part of request.parts()) {
      if (part.type !== 'file') continue;
      if (part.fieldname === 'file') return await readTargetRows(part.file);
      part.file.resume();
    }
  }
  const message = 'is missing: send multipart/form-data with the CSV in the field file.';
  throw new Problem('invalid-input', `file ${message}`, { faults: [{ field: 'file', message }] });
}
