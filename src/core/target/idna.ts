/** Available in every runtime that this runs in, browsers included, but not declared to the compiler here. */
declare const URL: { parse(text: string): { readonly hostname: string } | null };

/**
 * The ASCII form of an internationalised host name (IDNA, UTS 46, by way of the URL standard), such as `xn--mnchen-3ya.test` for
 * `münchen.test`; `undefined` if it is not one.
 */
export function hostnameToAscii(name: string): string | undefined {
  // Characters that end a host in a URL, or are decoded there, are in no name.
  if (/[\s/\\?#@:[\]%<>^|]/.test(name)) return undefined;
  const hostname = URL.parse(`http://${name}`)?.hostname;
  return hostname === undefined || hostname === '' ? undefined : hostname;
}
