import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/** Below this a journal is not rewritten, whatever little of it is still of use. */
const MIN_REWRITE = 1 << 20;

/**
 * A file of JSON lines that are on the disk when `append` has resolved. Those that are appended meanwhile share one fsync.
 *
 * A last line without an end was never promised to anybody: it is cut off. A line in the middle that cannot be read says
 * that the disk or a person changed the file: the rest is used, and the file as it was is kept beside it.
 */
export class Journal {
  #waiting: Array<{ text: string; resolve: () => void; reject: (error: Error) => void }> = [];
  #writing: Promise<void> | undefined;
  #size: number;
  #closed = false;
  /** Bytes after the last rewrite. */
  #base: number;

  private constructor(
    private readonly file: string,
    private handle: FileHandle,
    size: number,
    /** What is still of use, as lines: what a rewritten journal holds. */
    private readonly current: () => unknown[]
  ) {
    this.#size = size;
    this.#base = size;
  }

  /**
   * @param read is given each line's value, in order
   * @param current as the journal needs it later; a journal is rewritten when it has doubled
   */
  static async open(
    file: string,
    read: (record: unknown) => void,
    current: () => unknown[]
  ): Promise<{ journal: Journal; damaged: number; torn: boolean }> {
    await rm(`${file}.new`, { force: true });
    const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') {
        return Buffer.alloc(0);
      }
      throw error;
    });
    const end = bytes.lastIndexOf('\n') + 1;
    let damaged = 0;
    for (const line of bytes.subarray(0, end).toString().split('\n').slice(0, -1)) {
      try {
        read(JSON.parse(line));
      } catch {
        damaged++;
      }
    }
    if (damaged > 0) {
      const copy = await open(`${file}.damaged-${Date.now()}`, 'w', 0o600);
      await copy.writeFile(bytes);
      await copy.sync();
      await copy.close();
    }
    const handle = await open(file, 'a', 0o600);
    await handle.truncate(end);
    await handle.sync();
    await syncFolder(file);
    return { journal: new Journal(file, handle, end, current), damaged, torn: end < bytes.length };
  }

  /** @throws Error when the disk did not take it; then the journal is as it was. */
  append(...records: unknown[]): Promise<void> {
    if (this.#closed) {
      return Promise.reject(new Error('the journal is closed'));
    }
    const text = records.map((record) => `${JSON.stringify(record)}\n`).join('');
    const written = new Promise<void>((resolve, reject) => this.#waiting.push({ text, resolve, reject }));
    this.#writing ??= this.write();
    return written;
  }

  /** After what was appended is on the disk. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#writing;
    await this.handle.close();
  }

  private async write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const taken = this.#waiting;
      this.#waiting = [];
      const bytes = Buffer.from(taken.map(({ text }) => text).join(''));
      try {
        await this.handle.appendFile(bytes);
        await this.handle.datasync();
        this.#size += bytes.length;
        taken.forEach(({ resolve }) => resolve());
      } catch (error) {
        // Half a line would spoil the next one. If this fails too, so will all that follows.
        await this.handle.truncate(this.#size).catch(() => undefined);
        taken.forEach(({ reject }) => reject(error as Error));
        continue;
      }
      if (this.#size > Math.max(MIN_REWRITE, 2 * this.#base)) {
        // A journal that cannot be made smaller is still one.
        await this.rewrite().catch(() => (this.#base = this.#size));
      }
    }
    // Here and not in a callback: what is appended after the loop must find that nobody writes.
    this.#writing = undefined;
  }

  /** Lines that were appended since come after it once more, which reading them must allow. */
  private async rewrite(): Promise<void> {
    const bytes = Buffer.from(
      this.current()
        .map((record) => `${JSON.stringify(record)}\n`)
        .join('')
    );
    const handle = await open(`${this.file}.new`, 'w', 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(`${this.file}.new`, this.file);
    await syncFolder(this.file);
    const old = this.handle;
    this.handle = await open(this.file, 'a', 0o600);
    await old.close();
    this.#size = bytes.length;
    this.#base = bytes.length;
  }
}

/** A file is found after a power cut when its folder is on the disk as well. */
async function syncFolder(file: string): Promise<void> {
  const folder = await open(path.dirname(file), 'r');
  await folder.sync();
  await folder.close();
}
