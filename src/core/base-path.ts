/**
 * An address as the routes expect it. An address outside the base path stays as it is: a proxy may have removed the path already,
 * and direct health checks do not use it.
 */
export function withoutBasePath(url: string, basePath: string): string {
  if (basePath === '' || !url.startsWith(basePath)) return url;
  const rest = url.slice(basePath.length);
  if (rest === '' || rest.startsWith('?') || rest.startsWith('#')) return `/${rest}`;
  return rest.startsWith('/') ? rest : url;
}
