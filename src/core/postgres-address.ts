/**
 * Whether an address of PostgreSQL has all its parts where its author put them. A / ? or # in a password ends the part that
 * names the server: the rest of the password would be taken for a database, and its beginning for a port that messages name.
 */
export function isWholePostgresAddress(text: string): boolean {
  return /^[a-z\d+]+:\/\/[^/?#]*(?:\/[^@?#]*)?(?:\?[^@=#]*(?:=[^#]*)?)?$/i.test(text);
}
