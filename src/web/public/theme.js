// The first script of the page. src/web/preferences.ts does the same as the second part, later.

// With the locale of POSIX a browser asks for `en-US@posix` or `C`. These are no language tags: Intl throws at them, in
// libraries as well, which read navigator.language when they are loaded. So the tags are healed before anything is.
(() => {
  const healed = (tag) => {
    const [written] = String(tag).split(/[@.]/, 1);
    try {
      return Intl.getCanonicalLocales(written.replaceAll('_', '-'))[0];
    } catch {
      return undefined;
    }
  };
  const { language, languages = [] } = navigator;
  const wanted = [language, ...languages];
  if (wanted.every((tag) => tag !== '' && tag === healed(tag))) return;
  const known = [...new Set((languages.length > 0 ? languages : [language]).map(healed).filter(Boolean))];
  const list = Object.freeze(known.length > 0 ? known : ['en-US']);
  Object.defineProperty(navigator, 'languages', { configurable: true, get: () => list });
  Object.defineProperty(navigator, 'language', { configurable: true, get: () => list[0] });
})();

// Before the first paint, so that it never flashes.
(() => {
  let kept = {};
  try {
    kept = JSON.parse(localStorage.getItem('pmd-preferences') ?? '{}') ?? {};
  } catch {
    // What is kept there is not ours, or nothing may be kept.
  }
  const { theme, language } = kept;
  const isDark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.classList.toggle('dark', isDark);
  if (typeof language === 'string') document.documentElement.lang = language;
})();
