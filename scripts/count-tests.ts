// Adds up what the test runner itself reported: node scripts/count-tests.ts REPORT.json … A skipped test, or a run without tests, fails.
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const shape = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  testResults: z.array(z.object({ assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })) })),
});

const reports = process.argv.slice(2).map((path) => shape.parse(JSON.parse(readFileSync(path, 'utf8'))));
const results = reports.flatMap(({ testResults }) => testResults.flatMap(({ assertionResults }) => assertionResults));
for (const { fullName, status } of results) if (status !== 'passed') process.stderr.write(`${status}: ${fullName}\n`);
const sum = (count: (report: (typeof reports)[number]) => number): number =>
  reports.reduce((total, report) => total + count(report), 0);
const passed = sum(({ numPassedTests }) => numPassedTests);
const failed = sum(({ numFailedTests }) => numFailedTests);
const skipped = sum(({ numPendingTests, numTodoTests }) => numPendingTests + numTodoTests);
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
const isFine = failed === 0 && skipped === 0 && reports.every(({ numPassedTests }) => numPassedTests > 0);
process.exitCode = isFine ? 0 : 1;
