const lookEveryMillis = 500;

/** Calls `stop` once when the process that started this one has ended; the system then gives this one another parent. */
export function stopWithParent(stop: () => void): void {
  const parent = process.ppid;
  const looking = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(looking);
    stop();
  }, lookEveryMillis);
  looking.unref();
}
