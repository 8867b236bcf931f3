/** The password of a fresh installation; it works on a loopback address only. */
export const defaultPassword = 'changeme';
