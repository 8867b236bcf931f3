export interface RecorderStatus {
  /** True while the storage does not accept commits. */
  readonly isFailing: boolean;
  readonly message: string;
  /** In memory. */
  readonly pendingResults: number;
  /** On disk, until the storage takes them. */
  readonly spooledResults: number;
  readonly spooledBytes: number;
  readonly storedResults: number;
  /** Lost for good: for lack of space, refused again and again, or damaged on the disk. */
  readonly droppedResults: number;
}

interface Dropped {
  readonly withoutRoom: number;
  readonly refused: number;
  readonly damaged: number;
}

/** The figures, and one or more sentences about them. */
export function describeStatus({
  failure,
  spoolFailure,
  dropped,
  ...figures
}: Omit<RecorderStatus, 'isFailing' | 'message' | 'droppedResults'> & {
  readonly failure: string | undefined;
  readonly spoolFailure: string | undefined;
  readonly dropped: Dropped;
}): RecorderStatus {
  const { pendingResults, spooledResults } = figures;
  const droppedResults = dropped.withoutRoom + dropped.refused + dropped.damaged;
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
    sentences.push(droppedResults === 0 ? 'Every result is stored.' : 'Every other result is stored.');
  }
  sentences.push(...describeDropped(dropped));
  return { isFailing: failure !== undefined, message: sentences.join(' '), ...figures, droppedResults };
}

function describeDropped({ withoutRoom, refused, damaged }: Dropped): readonly string[] {
  return [
    ...(withoutRoom > 0 ? [`${withoutRoom} results were dropped: there was no room left to keep them.`] : []),
    ...(refused > 0
      ? [`${refused} results were refused by the database; the log names the file that keeps them.`]
      : []),
    ...(damaged > 0 ? [`${damaged} results in the spool were damaged by the disk; the log names the file.`] : []),
  ];
}

function withFullStop(text: string): string {
  return text.replace(/([^.])$/, '$1.');
}
