/**
 * What a spreadsheet would run as a formula, behind any quotes that keep it from doing so: at the beginning of a cell, and
 * behind a character that may separate cells where the file is opened with other settings.
 */
const formula = /(^|[;,|\t\r\n])('*)(?=[=+\-@\t\r＝＋－＠])/gu;

/** A text that no spreadsheet runs: one quote before each place where it would. `restoreCell` takes that back exactly. */
export function guardCell(text: string): string {
  return text.replace(formula, "$1'$2");
}

export function restoreCell(text: string): string {
  return text.replace(formula, (_, before: string, quotes: string) => before + quotes.slice(1));
}
