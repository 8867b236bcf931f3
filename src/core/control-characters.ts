/** What a terminal would obey instead of showing. */
export const controlCharacters = /\p{Cc}|\p{Bidi_Control}/gu;

/** Equivalent JSON: characters that JSON allows but a terminal would obey are escaped. */
export function escapeControlCharacters(json: string): string {
  return json.replaceAll(controlCharacters, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
