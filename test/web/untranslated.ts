import type { Page } from 'playwright-core';
import { languages } from '../../src/web/i18n/languages.ts';

/** Words on the page, or read to screen reader users, that did not come through the translation and are not data. */
export async function untranslated(page: Page): Promise<readonly string[]> {
  return page.evaluate(
    (languageNames) => {
      // Names of things, figures, units and keys are the same in every language.
      const isData = (text: string): boolean =>
        !/\p{L}{2,}/u.test(text) ||
        languageNames.includes(text) ||
        /^(PingMeDaddy|PingMeDaddy .*|ms|µs|[kMGT]i?B|Esc|Enter|Home|End|Shift|UTC)$/.test(text) ||
        /^[\d.,\s–<>%-]*(ms|µs|%|s|m|h|d|B|[kMG]i?B)?(\s*\d+[smhd])?$/.test(text) ||
        // What Intl writes in the language that the pseudo one is made from: days, instants, stretches of values.
        /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)$/.test(text) ||
        /^[A-Z][a-z]{2} \d{1,2}, \d{4}(, [\d:.]+)?$/.test(text) ||
        /^[\d.,]+ (ms|µs) – [\d.,]+ (ms|µs): [\d,]+$/.test(text) ||
        /^[\da-f.:/-]+$/i.test(text);
      const found: string[] = [];
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
        const text = (node.textContent ?? '').trim();
        const parent = node.parentElement;
        if (
          text === '' ||
          parent === null ||
          parent.closest('script,style,[data-server-text],option,textarea') !== null
        )
          continue;
        if (!text.includes('⟦') && !text.includes('⟧') && !isData(text)) found.push(text);
      }
      for (const element of document.querySelectorAll('[aria-label],[placeholder],[title],[alt]')) {
        for (const name of ['aria-label', 'title', 'alt']) {
          const text = element.getAttribute(name);
          if (text !== null && !text.includes('⟦') && !isData(text)) found.push(`${name}=${text}`);
        }
      }
      return [...new Set(found)];
    },
    languages.map<string>(({ name }) => name),
  );
}
