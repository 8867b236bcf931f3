import { controlCharacters } from '../../core/control-characters.ts';

/** What `styleText` writes. */
const ownColor = /^.\[(?:0|1|2|22|39|3[1-7]|9\d)m/s;

/**
 * Replaces what a terminal would obey instead of showing: control characters, except for the colours that we use, and characters
 * that change the direction of writing. Line breaks and tabs stay. Names, notes and addresses come from other people, some of
 * whom have no access here.
 */
export function harmless(text: string): string {
  return text.replaceAll(controlCharacters, (sign, at: number) => {
    if (sign === '\n' || sign === '\t') return sign;
    return sign === '\u001b' && ownColor.test(text.slice(at, at + 6)) ? sign : '\ufffd';
  });
}
