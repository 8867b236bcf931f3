export { type Recorder, startRecorder } from './recorder.ts';
export { type SpoolOptions, openSpool } from './spool/spool.ts';
export type { Clock, FeedListener, Observed } from './port.ts';
