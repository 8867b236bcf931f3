export interface RecorderStatus {
  /** True while the storage does not take commits. */
  readonly isFailing: boolean;
  readonly message: string;
  /** In memory. */
  readonly pendingResults: number;
  /** On disk, until the storage takes them. */
  readonly spooledResults: number;
  readonly spooledBytes: number;
  readonly storedResults: number;
  /** Lost for ever because memory and spool were full. */
  readonly droppedResults: number;
}

/** The figures and a sentence or more on them. */
export function describeStatus({
  failure,
  spoolFailure,
  ...figures
}: Omit<RecorderStatus, 'isFailing' | 'message'> & {
  readonly failure: string | undefined;
  readonly spoolFailure: string | undefined;
}): RecorderStatus {
  const { pendingResults, spooledResults, droppedResults } = figures;
  const sentences: string[] = [];
  if (failure !== undefined) {
    const where = spooledResults === 0 ? 'in memory' : `, ${spooledResults} of them in the spool on disk`;
    sentences.push(
      `${pendingResults + spooledResults} results wait ${where}: ${withFullStop(failure)}`.replace(' ,', ','),
    );
    if (spoolFailure !== undefined) sentences.push(`The spool takes no more: ${withFullStop(spoolFailure)}`);
  } else if (spooledResults > 0) {
    sentences.push(`${spooledResults} results of the spool are being stored.`);
  } else {
    sentences.push('Every result is stored.');
  }
  if (droppedResults > 0)
    sentences.push(`${droppedResults} results were dropped: there was no room left to keep them.`);
  return { isFailing: failure !== undefined, message: sentences.join(' '), ...figures };
}

function withFullStop(text: string): string {
  return text.replace(/([^.])$/, '$1.');
}
