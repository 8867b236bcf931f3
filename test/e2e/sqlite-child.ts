import { mainVantage } from '../../src/core/ids.ts';
// Writes results until it is killed and says which commits were acknowledged: sqlite-child.ts PATH START FIRST
import { batchFromRows } from '../../src/core/result/probe-result.ts';
import { openStorage } from '../../src/storage/storage.ts';
import { retention, rowsOfCommit, target } from './sqlite-commits.ts';

const [path = '', start = '', firstText = ''] = process.argv.slice(2);
const first = Number(firstText);
let now = Number(start);
const storage = await openStorage(`sqlite:${path}`, { retention, now: () => now, onNotice: () => {} });
if (first === 1) await storage.addTargets([target], now, 'x');
for (let sequence = first; ; sequence++) {
  const rows = rowsOfCommit(Number(start), sequence);
  now = rows.at(-1)?.sentAt ?? now;
  await storage.append({ source: 's', sequence, vantage: mainVantage, results: batchFromRows(rows), events: [] });
  process.stdout.write(`${sequence}\n`);
  await storage.maintain(now, retention);
}
