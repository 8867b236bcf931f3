const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});
const afterByte = (before: Uint32Array): Uint32Array =>
  before.map((value) => (value >>> 8) ^ (table[value & 0xff] ?? 0));
// "Slicing by four": each table advances a byte by one more position, so that four bytes at a time need no chain of look-ups.
const table1 = afterByte(table);
const table2 = afterByte(table1);
const table3 = afterByte(table2);

/** CRC-32 as in IEEE 802.3 and zip, so that other programs can check it too. */
export function crc32(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = 0xffff_ffff;
  let index = start;
  for (; index + 4 <= end; index += 4) {
    crc =
      (table3[(crc ^ (bytes[index] ?? 0)) & 0xff] ?? 0) ^
      (table2[((crc >>> 8) ^ (bytes[index + 1] ?? 0)) & 0xff] ?? 0) ^
      (table1[((crc >>> 16) ^ (bytes[index + 2] ?? 0)) & 0xff] ?? 0) ^
      (table[(crc >>> 24) ^ (bytes[index + 3] ?? 0)] ?? 0);
  }
  for (; index < end; index++) {
    crc = (crc >>> 8) ^ (table[(crc ^ (bytes[index] ?? 0)) & 0xff] ?? 0);
  }
  return (crc ^ 0xffff_ffff) >>> 0;
}
