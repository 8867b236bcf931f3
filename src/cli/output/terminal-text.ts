import { controlCharacters } from '../../core/control-characters.ts';

/** What `styleText` writes. */
const ownColor = /^.\[(?:0|1|2|22|39|3[1-7]|9\d)m/s;

/**
 * A text with a sign in place of what a terminal would obey instead of showing: control characters, but for the colours
 * that we use ourselves, and what turns the direction of writing. Line ends and tabs stay. Names, notes and addresses come
 * from others, some from people who are not even let in.
 */
export function harmless(text: string): string {
  return text.replaceAll(controlCharacters, (sign, at: number) => {
    if (sign === '\n' || sign === '\t') return sign;
    return sign === '\u001b' && ownColor.test(text.slice(at, at + 6)) ? sign : '\ufffd';
  });
}
