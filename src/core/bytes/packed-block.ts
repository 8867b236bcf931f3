import { ByteReader, ByteWriter, DamagedBytesError } from './bytes.ts';
import { crc32 } from './checksum.ts';

/** Compression is up to the storage (zstd lives in Node); the codecs only say what to compress together. */
export interface Compressor {
  compress(bytes: Uint8Array): Uint8Array;
  /** Throws when the bytes are damaged or would grow beyond `length`. */
  decompress(bytes: Uint8Array, length: number): Uint8Array;
  /** CRC-32, if the platform has a faster one than ours. */
  readonly crc32?: (bytes: Uint8Array) => number;
}

export const noCompression: Compressor = { compress: (bytes) => bytes, decompress: (bytes) => bytes };

// Below this size, no compressor gains more than its own header costs.
const worthCompressing = 48;
const sectionsMax = 16;
const sectionBytesMax = 64 * 1024 * 1024;
const headerLength = 5;

/**
 * A version byte, a CRC-32 of the rest, then sections, each stored raw or compressed, whichever is smaller. Columns of different
 * nature have sections of their own because their statistics differ.
 */
export function packBlock(version: number, sections: readonly Uint8Array[], compressor: Compressor): Uint8Array {
  const writer = new ByteWriter(128 + sections.reduce((sum, section) => sum + section.length, 0));
  for (let index = 0; index < headerLength; index++) writer.byte(0);
  writer.varint(sections.length);
  for (const section of sections) {
    const packed = section.length < worthCompressing ? section : compressor.compress(section);
    const isCompressed = packed.length < section.length;
    writer.varint(section.length * 2 + (isCompressed ? 1 : 0));
    if (isCompressed) writer.varint(packed.length);
    writer.bytes(isCompressed ? packed : section);
  }
  const bytes = writer.finish();
  bytes[0] = version;
  new DataView(bytes.buffer).setUint32(1, checksumOf(bytes, compressor), true);
  return bytes;
}

export function unpackBlock(version: number, bytes: Uint8Array, compressor: Compressor): readonly Uint8Array[] {
  if (bytes.length <= headerLength) throw new DamagedBytesError('The block is too short.');
  if (bytes[0] !== version) throw new DamagedBytesError(`The block has version ${bytes[0] ?? 0}, not ${version}.`);
  const checksum = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(1, true);
  if (checksum !== checksumOf(bytes, compressor)) throw new DamagedBytesError('The checksum of the block is wrong.');
  const reader = new ByteReader(bytes, headerLength);
  const count = reader.count(sectionsMax, 'sections');
  const sections: Uint8Array[] = [];
  for (let index = 0; index < count; index++) sections.push(readSection(reader, compressor));
  reader.expectEnd();
  return sections;
}

/** Checks version and checksum only, without unpacking; throws `DamagedBytesError` as `unpackBlock` does. */
export function checkBlock(versions: readonly number[], bytes: Uint8Array, compressor: Compressor): void {
  if (bytes.length <= headerLength) throw new DamagedBytesError('The block is too short.');
  if (!versions.includes(bytes[0] ?? 0)) throw new DamagedBytesError(`The block has version ${bytes[0] ?? 0}.`);
  const checksum = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(1, true);
  if (checksum !== checksumOf(bytes, compressor)) throw new DamagedBytesError('The checksum of the block is wrong.');
}

function checksumOf(bytes: Uint8Array, compressor: Compressor): number {
  return compressor.crc32?.(bytes.subarray(headerLength)) ?? crc32(bytes, headerLength);
}

function readSection(reader: ByteReader, compressor: Compressor): Uint8Array {
  const head = reader.varint();
  const length = Math.floor(head / 2);
  if (length > sectionBytesMax) throw new DamagedBytesError(`A section claims ${length} bytes.`);
  if (head % 2 === 0) return reader.bytes(length);
  const packed = reader.bytes(reader.varint());
  let section: Uint8Array;
  try {
    section = compressor.decompress(packed, length);
  } catch (error) {
    throw new DamagedBytesError('A section cannot be decompressed.', { cause: error });
  }
  if (section.length !== length) throw new DamagedBytesError('A section has the wrong length.');
  return section;
}
