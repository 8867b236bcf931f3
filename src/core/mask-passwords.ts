/** A text that may be shown. In addresses, everything up to the last @ counts as password, and parameters may contain one too. */
export function maskPasswords(text: string): string {
  return text
    .replaceAll(/(\b[a-z][a-z\d+.-]*:\/\/[^:/@\s]*:)[^\s]*@/gi, '$1********@')
    .replaceAll(/([?&][^=&\s]*pass[^=&\s]*=)[^&\s]*/gi, '$1********');
}
