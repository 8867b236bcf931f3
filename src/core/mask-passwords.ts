/** A text as it may be shown: in every address a password counts up to the last @, and may stand among the parameters too. */
export function maskPasswords(text: string): string {
  return text
    .replaceAll(/(\b[a-z][a-z\d+.-]*:\/\/[^:/@\s]*:)[^\s]*@/gi, '$1********@')
    .replaceAll(/([?&][^=&\s]*pass[^=&\s]*=)[^&\s]*/gi, '$1********');
}
