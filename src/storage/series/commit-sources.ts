/**
 * Which sources of commits are remembered, so that a commit that is passed again is recognised: each start of the server is one.
 * A spool is emptied long before either limit is reached; sources beyond both are deleted.
 */
export const sourcesKept = 1000;
export const sourceDays = 30;
