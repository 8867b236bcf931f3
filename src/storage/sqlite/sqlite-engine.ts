import type { StorageEngine } from '../engine.ts';

export const sqliteEngine: StorageEngine = {
  prefixes: ['sqlite:'],
  parse(url) {
    const rest = /^sqlite(?:\+\w+)?:(.*)$/s.exec(url)?.[1];
    if (rest === undefined) return undefined;
    // As in SQLAlchemy: three slashes precede a relative path, four an absolute one. Without slashes it is the path itself.
    const file = rest.startsWith('///') ? rest.slice(3) : rest;
    if (file === '' || file.startsWith('//')) return { fault: 'must name a file, such as sqlite:./pingmedaddy.db.' };
    if (file.includes('?')) return { fault: 'must not have parameters after "?".' };
    return { text: file, file };
  },
  open: async (file, options) => (await import('./sqlite-storage.ts')).openSqliteStorage(file, options),
  check: async (file) => (await import('./checks/inspect-file.ts')).checkDatabaseFile(file),
  restore: async (backupFile, file) => (await import('./checks/restore.ts')).restoreDatabase(backupFile, file),
};
