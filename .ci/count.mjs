// Adds up what the test runner itself reported; a test that was skipped, or a run without tests, fails.
import { readFileSync } from 'node:fs';

const reports = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path, 'utf8')));
const sum = (field) => reports.reduce((total, report) => total + report[field], 0);
const [passed, failed] = [sum('numPassedTests'), sum('numFailedTests')];
const skipped = sum('numPendingTests') + sum('numTodoTests');
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
const names = reports.flatMap(({ testResults }) =>
  testResults.flatMap(({ assertionResults }) =>
    assertionResults
      .filter(({ status }) => status !== 'passed')
      .map(({ fullName, status }) => `${status}: ${fullName}`),
  ),
);
for (const name of names) console.error(name);
process.exitCode = failed === 0 && skipped === 0 && reports.every((report) => report.numPassedTests > 0) ? 0 : 1;
