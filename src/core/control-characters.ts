/** What a terminal would obey instead of showing. */
export const controlCharacters = /\p{Cc}|\p{Bidi_Control}/gu;

/** JSON that means the same: what it leaves as it is and a terminal would obey is escaped. */
export function escapeControlCharacters(json: string): string {
  return json.replaceAll(controlCharacters, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
