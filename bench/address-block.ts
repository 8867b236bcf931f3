/** IPv4 addresses from `first` on. */
export function addressBlock(first: string, count: number): readonly string[] {
  const start = first.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return Array.from({ length: count }, (_, index) => {
    const ip = start + index;
    return [ip >>> 24, (ip >>> 16) & 255, (ip >>> 8) & 255, ip & 255].join('.');
  });
}
