/** An address as it may be shown: a password counts up to the last @, and may stand among the parameters as well. */
export function maskPasswords(address: string): string {
  return address
    .replace(/(:\/\/[^:/@]*:).*@/s, '$1********@')
    .replaceAll(/([?&][^=&]*pass[^=&]*=)[^&]*/gi, '$1********');
}
