/** What a spreadsheet would run as a formula, behind any quotes that keep it from doing so. */
const formula = /^'*[=+\-@\t\r＝＋－＠]/u;

/** A text that no spreadsheet runs: one quote before it where it would. `restoreCell` takes that back exactly. */
export function guardCell(text: string): string {
  return formula.test(text) ? `'${text}` : text;
}

export function restoreCell(text: string): string {
  return text.startsWith("'") && formula.test(text) ? text.slice(1) : text;
}
