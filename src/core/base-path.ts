/**
 * An address as the routes know it. What does not begin with the base path stays as it is: a proxy may have taken the path
 * off already, and health checks that ask the server directly know of none.
 */
export function withoutBasePath(url: string, basePath: string): string {
  if (basePath === '' || !url.startsWith(basePath)) return url;
  const rest = url.slice(basePath.length);
  if (rest === '' || rest.startsWith('?') || rest.startsWith('#')) return `/${rest}`;
  return rest.startsWith('/') ? rest : url;
}
