import { definitions } from '../src/config-settings.ts';

/** Every setting with its default and one sentence. */
export function envExample(): string {
  const settings = Object.entries(definitions).map(
    ([name, { fallback, meaning }]) =>
      `# ${meaning[0]?.toUpperCase() ?? ''}${meaning.slice(1)}.\n# ${name}=${fallback}\n`,
  );
  return `${introduction}\n${settings.join('\n')}`;
}

const introduction = `# Copy to .env in the folder that PingMeDaddy runs in, and uncomment what you change.
# The environment wins over this file. NAME_FILE=/path reads NAME from a file, for secrets.
# pmd config shows what is in force. compose.yaml reads ADMIN_PASSWORD from here, and POSTGRES_PASSWORD, which it alone uses.
`;
