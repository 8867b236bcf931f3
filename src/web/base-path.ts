/** What the server has put into the page; where something else serves the page, such as Vite, a name is still there. */
const given = document.querySelector<HTMLMetaElement>('meta[name=base-path]')?.content ?? '';

/** The path below which everything of the server is, such as `/pmd`; empty for the root. */
export const basePath = given.startsWith('/') ? given : '';

/** Not what the address bar holds: a user name and password in it would make every call fail. */
export const serverUrl = location.origin + basePath;

/** Whoever asks the server without the proxy before it may leave the path out; the screens are only below it. */
export function isBelowBasePath(): boolean {
  return location.pathname === basePath || location.pathname.startsWith(`${basePath}/`);
}
