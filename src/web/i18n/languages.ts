interface LanguageRow {
  /** BCP 47; also the name of the folder with its texts. */
  readonly tag: string;
  /** In the language itself, for its readers. */
  readonly name: string;
  /** How Intl formats dates, numbers and lists; the `lang` of the page. */
  readonly locale: string;
  readonly direction: 'ltr' | 'rtl';
  /** The symbol after the prefix in kB and MiB: French uses o for octet. */
  readonly byteSymbol: string;
  /** No text may be missing, which a test checks. Otherwise English fills the gaps. */
  readonly isComplete: boolean;
}

/** Every language that a reader can choose, in the order of the list. A new one is a row here and a folder of texts. */
export const languages = [
  { tag: 'en', name: 'English', locale: 'en', direction: 'ltr', byteSymbol: 'B', isComplete: true },
  { tag: 'fr', name: 'Français', locale: 'fr', direction: 'ltr', byteSymbol: 'o', isComplete: true },
  { tag: 'zh-TW', name: '繁體中文', locale: 'zh-TW', direction: 'ltr', byteSymbol: 'B', isComplete: true },
] as const satisfies readonly LanguageRow[];

/** Generated from the English texts; it shows what has not been translated. Only tests and `?lng=qps` select it. */
const pseudoLanguage = {
  tag: 'qps',
  name: 'Pseudo',
  locale: 'en',
  direction: 'ltr',
  byteSymbol: 'B',
  isComplete: true,
} as const satisfies LanguageRow;

export type Language = (typeof languages)[number]['tag'];
export type AnyLanguage = Language | (typeof pseudoLanguage)['tag'];

/** The fallback of the others. */
export const sourceLanguage: Language = 'en';

export function languageOf(tag: AnyLanguage): LanguageRow {
  return languages.find((each) => each.tag === tag) ?? pseudoLanguage;
}

export function parseLanguage(tag: unknown): AnyLanguage | undefined {
  return [...languages, pseudoLanguage].find((each) => each.tag === tag)?.tag;
}

/**
 * The first of `offered` that the browser asks for. A language matches in the same script or region: all traditional Chinese
 * matches `zh-TW`, and simplified Chinese does not.
 */
export function preferredLanguage<Tag extends string>(
  wanted: readonly string[],
  offered: readonly Tag[],
): Tag | undefined {
  for (const tag of wanted) {
    const reader = localeOf(tag);
    if (reader === undefined) continue;
    const matching = offered.filter((each) => {
      const { language, script, region } = new Intl.Locale(each).maximize();
      return reader.language === language && (reader.script === script || reader.region === region);
    });
    const [first] = matching;
    // Of two that match, `pt` and `pt-BR`, the one of the region.
    if (first !== undefined) return matching.find((each) => localeOf(each)?.region === reader.region) ?? first;
  }
  return undefined;
}

/** A browser in the POSIX locale asks for `en-US@posix`, which is not a language tag. */
function localeOf(tag: string): Intl.Locale | undefined {
  const [written = ''] = tag.split(/[@.]/, 1);
  try {
    return new Intl.Locale(written).maximize();
  } catch {
    return undefined;
  }
}
