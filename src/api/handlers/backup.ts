import type { FastifyInstance } from 'fastify';
import { downloadBackup } from '../../contract/backup.ts';
import { Problem } from '../../core/problem.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { serve } from '../requests/route.ts';

export function serveBackup(app: FastifyInstance, { storage, now }: Pick<ApiDependencies, 'storage' | 'now'>): void {
  serve(app, downloadBackup, async ({ reply }) => {
    if (storage.backup === undefined) {
      throw new Problem('storage-unavailable', 'The database is a PostgreSQL server: back it up with pg_dump.');
    }
    const { content, sizeBytes } = await storage.backup();
    const day = new Date(now()).toISOString().slice(0, 10);
    return reply
      .type('application/vnd.sqlite3')
      .header('content-length', sizeBytes)
      .header('content-disposition', `attachment; filename="pingmedaddy-${day}.db"`)
      .send(content);
  });
}
