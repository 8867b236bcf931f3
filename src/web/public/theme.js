// Before the first paint, so that it never flashes; src/web/preferences.ts does the same later.
(() => {
  const { theme, language } = JSON.parse(localStorage.getItem('pmd-preferences') ?? '{}');
  const isDark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.classList.toggle('dark', isDark);
  if (typeof language === 'string') document.documentElement.lang = language;
})();
