/** What the server has put into the page; if something else serves it, such as Vite, a placeholder is still there. */
const given = document.querySelector<HTMLMetaElement>('meta[name=base-path]')?.content ?? '';

/** The path below which the server is, such as `/pmd`; empty for the root. */
export const basePath = given.startsWith('/') ? given : '';

/** Not the address bar's URL: a user name and password in it would make every call fail. */
export const serverUrl = location.origin + basePath;

/** A reader who bypasses the proxy may omit the path, but the screens exist only below it. */
export function isBelowBasePath(): boolean {
  return location.pathname === basePath || location.pathname.startsWith(`${basePath}/`);
}
