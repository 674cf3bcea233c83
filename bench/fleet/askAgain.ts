/** A request that a page sent. */
export interface Asked {
  url: string;
  method: string;
  body: string | null;
  /** Of the body: HTTP's header Content-Type. */
  contentType: string | undefined;
}

/** As many as browsers send to a server at the same time. */
const AT_ONCE = 6;

/**
 * Sends a page's requests again, in its order, each as soon as there is room.
 * @param authorization HTTP's header
 * @returns ms until all are answered in full
 * @throws TypeError where the server cannot be reached
 */
export async function askAgain(asked: readonly Asked[], authorization: string): Promise<number> {
  const waiting = asked.values();
  const began = performance.now();
  const oneAfterTheOther = async () => {
    for (const { url, method, body, contentType } of waiting) {
      const headers = { Authorization: authorization, ...(contentType && { 'Content-Type': contentType }) };
      const answer = await fetch(url, { method, body, headers });
      await answer.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, oneAfterTheOther));
  return performance.now() - began;
}
