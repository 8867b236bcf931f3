export { type MemoryLimits, defaultMemoryLimits } from './recorder-queue.ts';
export type { RecorderStatus } from './recorder-status.ts';
export { type Recorder, type RecorderDependencies, startRecorder } from './recorder.ts';
export { type Spool, type SpoolOptions, openSpool } from './spool/spool.ts';
export type { CommitStore, FeedListener, Observed, ResultObserver } from './port.ts';
