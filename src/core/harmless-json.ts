/** What a terminal would obey instead of showing. */
export const terminalCommands = /\p{Cc}|\p{Bidi_Control}/gu;

/** JSON that means the same: what it leaves as it is and a terminal would obey is escaped. */
export function harmlessJson(json: string): string {
  return json.replaceAll(terminalCommands, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
