import { Problem } from '../../../core/problem.ts';

/** What PostgreSQL or the connection to it refused, as a sentence that says what to do; other errors unchanged. */
export function explained(error: unknown, place: string): unknown {
  if (error instanceof Problem || !(error instanceof Error)) return error;
  const sentence = tlsSentence(error, place) ?? sentenceFor(codeOf(error), error.message, place);
  if (sentence === undefined) return error;
  return new Problem('storage-unavailable', sentence, { cause: error, retryAfterSeconds: 5 });
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** True if the server ended a statement because it took too long, or we had to give it up. */
export function isCancelled(error: unknown): boolean {
  const cause = error instanceof Problem ? error.cause : error;
  return codeOf(cause) === '57014' || (cause instanceof Error && cause.message === 'Query read timeout');
}

const untrusted = /SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET|CERT_|ALTNAME|ERR_SSL|EPROTO/;
const tlsChoices =
  'In DATABASE_URL add sslmode=verify-full&sslrootcert=/path/to/ca.pem to check the certificate, sslmode=no-verify to encrypt without checking it, or sslmode=disable for no encryption.';

/** What TLS or its settings fail on; `undefined` for other errors. */
function tlsSentence(error: Error, place: string): string | undefined {
  const code = codeOf(error) ?? '';
  const { message } = error;
  if (untrusted.test(code) || /self[- ]signed|certificate/i.test(message)) {
    return `The TLS connection to ${place} failed (${message}). ${tlsChoices}`;
  }
  if (/does not support SSL/i.test(message)) return `PostgreSQL offers no TLS for ${place}. ${tlsChoices}`;
  if (code === 'ENOENT' && 'syscall' in error && error.syscall === 'open') {
    return `A certificate file that DATABASE_URL names cannot be read (${message}). ${tlsChoices}`;
  }
  if (/pg_hba\.conf/.test(message)) {
    return `PostgreSQL lets nobody in to ${place} this way (${message}): change pg_hba.conf there. ${tlsChoices}`;
  }
  return undefined;
}

function sentenceFor(code: string | undefined, message: string, place: string): string | undefined {
  switch (code) {
    case '28P01':
    case '28000':
      return `PostgreSQL refuses the user or password for ${place}: check both in DATABASE_URL.`;
    case '3D000':
      return `There is no database ${place}: create it (createdb) or correct DATABASE_URL.`;
    case '25006':
      return `${place} is read-only (a replica, or a server in a failover): point DATABASE_URL to the primary; results wait until it can be written to.`;
    case '42501':
      return `The database user may not do what is needed in ${place} (${message}): let an administrator run GRANT CREATE ON DATABASE, or use the database's owner.`;
    case '53100':
    case '53200':
    case '53400':
      return `PostgreSQL has no space left for ${place} (${message}): free some; results wait until then.`;
    case '53300':
      return `PostgreSQL has no connection left for ${place}: raise max_connections or close others.`;
    case '08000':
    case '08001':
    case '08003':
    case '08004':
    case '08006':
    case '08P01':
      return `The connection to PostgreSQL failed for ${place}: ${message}.`;
    case '57014':
      return `PostgreSQL ended a statement that took too long (${place}): it is tried again.`;
    case '57P01':
    case '57P02':
    case '57P03':
      return `PostgreSQL is starting or stopping (${place}): results wait until it is back.`;
    case 'ECONNREFUSED':
    case 'ENOTFOUND':
    case 'ENOENT':
    case 'EHOSTUNREACH':
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ETIMEDOUT':
      return `No PostgreSQL answers for ${place} (${code}): start it or correct DATABASE_URL.`;
    default:
      return /terminated|timeout|Connection ended|not queryable|SASL|password must be a string/i.test(message)
        ? `The connection to PostgreSQL failed for ${place}: ${message}.`
        : undefined;
  }
}
