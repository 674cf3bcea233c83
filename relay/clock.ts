/** Time, so that tests can make it pass faster. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after so many of this clock's milliseconds, or at once when aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** @param speed how much faster than the machine's this clock goes, from the moment `since` on */
export function clock(speed = 1, since = Date.now()): Clock {
  return {
    now: () => Math.round(since + (Date.now() - since) * speed),
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) {
          return resolve();
        }
        const end = () => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', end);
          resolve();
        };
        const timer = setTimeout(end, Math.max(0, milliseconds) / speed);
        signal?.addEventListener('abort', end);
      }),
  };
}
