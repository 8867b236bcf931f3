/**
 * What a spreadsheet would run as a formula, after any quotes that prevent it: at the start of a cell, and after a character that
 * may separate cells when the file is opened with other settings.
 */
const formula = /(?<=^|[;,|\t\r\n])'*(?=[=+\-@\t\r＝＋－＠])/gu;

/** Text that no spreadsheet will run: one quote before each place where it would. `restoreCell` reverses it exactly. */
export function guardCell(text: string): string {
  return text.replace(formula, "'$&");
}

export function restoreCell(text: string): string {
  return text.replace(formula, (quotes) => quotes.slice(1));
}
