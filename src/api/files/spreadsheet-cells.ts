/**
 * What a spreadsheet would run as a formula, behind any quotes that keep it from doing so: at the beginning of a cell, and
 * behind a character that may separate cells where the file is opened with other settings.
 */
const formula = /(?<=^|[;,|\t\r\n])'*(?=[=+\-@\t\r＝＋－＠])/gu;

/** A text that no spreadsheet runs: one quote before each place where it would. `restoreCell` takes that back exactly. */
export function guardCell(text: string): string {
  return text.replace(formula, "'$&");
}

export function restoreCell(text: string): string {
  return text.replace(formula, (quotes) => quotes.slice(1));
}
