/** Of every runtime that this runs in, browsers included; the compiler is told of none of them here. */
declare const URL: { parse(text: string): { readonly hostname: string } | null };

/**
 * The ASCII form of an internationalised host name (IDNA, UTS 46, by way of the URL standard), such as
 * `xn--mnchen-3ya.test` of `münchen.test`; `undefined` for what is none.
 */
export function hostnameToAscii(name: string): string | undefined {
  // What ends a host in a URL, or is decoded there, is in no name.
  if (/[\s/\\?#@:[\]%<>^|]/.test(name)) return undefined;
  const hostname = URL.parse(`http://${name}`)?.hostname;
  return hostname === undefined || hostname === '' ? undefined : hostname;
}
