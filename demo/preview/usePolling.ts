import { useEffect, useState } from 'react';

export interface Polled<T> {
  /** The last that came, also while later requests fail. */
  value?: T;
  /** When `value` came, in ms since 1970. */
  at?: number;
  /** Why the last request failed. */
  error?: Error;
}

/** Loads again and again, one request at a time, `pauseMs` after the last one ended. */
export function usePolling<T>(load: (signal: AbortSignal) => Promise<T>, pauseMs: number): Polled<T> {
  const [polled, setPolled] = useState<Polled<T>>({});
  useEffect(() => {
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    const poll = async () => {
      const result = await load(controller.signal).then(
        (value): Polled<T> => ({ value, at: Date.now(), error: undefined }),
        (error: Error): Polled<T> => ({ error })
      );
      if (!controller.signal.aborted) {
        setPolled((last) => ({ ...last, ...result }));
        timer = setTimeout(poll, pauseMs);
      }
    };
    poll();
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [load, pauseMs]);
  return polled;
}
