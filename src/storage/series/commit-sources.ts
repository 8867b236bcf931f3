/**
 * Which sources of commits are remembered, so that a commit that is handed over again is recognised: each start of the
 * server is one. A spool is emptied long before either of these is over; what is above both is deleted.
 */
export const sourcesKept = 1000;
export const sourceDays = 30;
