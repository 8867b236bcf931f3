import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, test } from 'vitest';
import { csvRows } from './csv-rows.ts';
import { decodeText } from './encoded-text.ts';
import { createCsvReader } from './log-records.ts';
import { readTargetRows } from './target-rows.ts';

const header = 'ip,frequency,notes';
const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le');

/** In chunks, as from a network. */
function pieces(bytes: Uint8Array, size = 7): Readable {
  const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  );
  return Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
}

async function targetsIn(bytes: Uint8Array) {
  const { targets, faults, rowCount } = await readTargetRows(pieces(bytes));
  return { targets: targets.map(({ ip, intervalMillis, notes }) => [ip, intervalMillis, notes]), faults, rowCount };
}

describe('a file of targets is read whatever program saved it', () => {
  const expected = [
    ['192.0.2.1', 500, 'Büro, "Süd"'],
    ['192.0.2.2', 1000, 'zwei\nZeilen'],
  ];
  const rows = (delimiter: string, decimal: string, end: string): string =>
    [
      header.replaceAll(',', delimiter),
      `192.0.2.1${delimiter}0${decimal}5${delimiter}"Büro, ""Süd"""`,
      `192.0.2.2${delimiter}1${delimiter}"zwei\nZeilen"`,
      '',
    ].join(end);

  test.each([
    ['UTF-8', Buffer.from(rows(',', '.', '\n'))],
    ['UTF-8 with a mark and Windows line ends', Buffer.from(`\ufeff${rows(',', '.', '\r\n')}`)],
    ['semicolons and decimal commas', Buffer.from(`\ufeff${rows(';', ',', '\r\n')}`)],
    ['"Unicode text": UTF-16 and tabs', utf16(rows('\t', ',', '\r\n'))],
    ['UTF-16 the other way round', utf16(rows(';', '.', '\n')).swap16()],
    ['the separator in a line of its own', Buffer.from(`\ufeffsep=;\r\n${rows(';', ',', '\r\n')}`)],
    ['empty rows and columns of a spreadsheet', Buffer.from(`${rows(',', '.', ',,\n')},,,,\n`)],
    ['UTF-16 without a mark', utf16(rows(',', '.', '\n')).subarray(2)],
  ])('%s', async (_, bytes) => {
    assert.deepEqual(await targetsIn(bytes), { targets: expected, faults: [], rowCount: 2 });
  });

  test('text in neither encoding is refused with its line, and nothing is guessed', async () => {
    const ansi = Buffer.from(`${header}\n192.0.2.1,1,fine\n192.0.2.2,1,B\xfcro\n`, 'latin1');
    const { faults, targets } = await targetsIn(ansi);
    assert.deepEqual(targets, []);
    assert.deepEqual(faults, [
      { row: 3, message: 'Line 3 is not UTF-8; save the file as UTF-8 ("CSV UTF-8" in Excel).' },
    ]);
  });

  test('an unclosed quote affects only its own row, and is reported', async () => {
    const text = [
      header,
      '192.0.2.1,1,"never closed',
      '192.0.2.2,1,"closed"',
      '192.0.2.3,1,5" rack',
      '192.0.2.4,1,',
      '',
    ];
    const { faults, targets, rowCount } = await targetsIn(Buffer.from(text.join('\n')));
    assert.deepEqual(
      targets.map(([ip]) => ip),
      ['192.0.2.2', '192.0.2.3', '192.0.2.4'],
    );
    assert.deepEqual(faults, [{ row: 2, message: 'has a quote that is not closed.' }]);
    assert.equal(rowCount, 4);
  });
});

test('a history file may use semicolons and decimal commas, too', async () => {
  const read = createCsvReader();
  assert.equal(read('time;latency_ms;packet_loss'), undefined);
  const sentAt = Date.UTC(2026, 0, 1);
  assert.deepEqual(read('2026-01-01T00:00:00Z;1,5;0'), {
    ...{ sentAt, result: { outcome: 'reply', rttMicros: 1500, replyTtl: undefined } },
  });
});

test('a history file may name its separator, write its columns in capitals and have empty rows', () => {
  const read = createCsvReader();
  assert.equal(read('sep=;'), undefined);
  assert.equal(read('Time;Latency_ms;Packet_loss'), undefined);
  assert.equal(read(';;'), undefined);
  assert.equal(typeof read('2026-01-01T00:00:00Z;1,5;0'), 'object');
});

test('rows are read whole wherever the chunks of a file end', async () => {
  const text = 'a,b\r\n1,"x\r\ny"\r\n\r\n2,ü\r\n';
  const cells: unknown[] = [];
  for await (const row of csvRows(decodeText(pieces(Buffer.from(text), 1)))) cells.push(row.cells);
  assert.deepEqual(cells, [
    ['a', 'b'],
    ['1', 'x\ny'],
    ['2', 'ü'],
  ]);
});
