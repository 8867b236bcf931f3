import { getRandomValues } from 'node:crypto';

/**
 * Signs probe serials: a reply with the right token was made from a packet of this worker. HalfSipHash-2-4 with 64 bits of output
 * over the four little-endian bytes of the serial (Aumasson and Bernstein). The token of the last `sign` is in `low` and `high`
 * (int32), because returning a pair would allocate for each packet.
 */
export interface TokenSigner {
  low: number;
  high: number;
  sign(serial: number): void;
}

export function createTokenSigner(key: Uint32Array = getRandomValues(new Uint32Array(2))): TokenSigner {
  const k0 = (key[0] ?? 0) | 0;
  const k1 = (key[1] ?? 0) | 0;
  let v0 = 0;
  let v1 = 0;
  let v2 = 0;
  let v3 = 0;

  const mix = (rounds: number): void => {
    for (let round = 0; round < rounds; round++) {
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
    }
  };

  const absorb = (word: number): void => {
    v3 ^= word;
    mix(2);
    v0 ^= word;
  };

  return {
    low: 0,
    high: 0,
    sign(serial: number): void {
      v0 = k0;
      v1 = k1 ^ 0xee;
      v2 = 0x6c796765 ^ k0;
      v3 = 0x74656462 ^ k1;
      absorb(serial | 0);
      absorb(4 << 24);
      v2 ^= 0xee;
      mix(4);
      this.low = v1 ^ v3;
      v1 ^= 0xdd;
      mix(4);
      this.high = v1 ^ v3;
    },
  };
}
