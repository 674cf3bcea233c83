import type { Alert, Notification } from './alert';
import type { Clock } from './clock';
import { Journal } from './journal';

/** An alert that a robot has not yet been told of. */
export interface Waiting {
  id: number;
  /** Alerts of one webhook have the same. */
  notification: number;
  target: string;
  groupKey: string;
  /** Alerts that the sender left out of the webhook: on one of its alerts. */
  truncated: number;
  /** Milliseconds since 1970. */
  accepted: number;
  alert: Alert;
}

/** The last state of an alert that was accepted for a target. */
interface Known {
  target: string;
  groupKey: string;
  fingerprint: string;
  status: Alert['status'];
  startsAt: string;
  /** Of the entry that waits; undefined once it is told. */
  id?: number;
  at: number;
}

/** Lines of the journal. */
type Line =
  | { line: 'accepted'; entry: Waiting }
  | { line: 'told' | 'given up'; ids: number[]; at: number }
  | { line: 'sent'; target: string; at: number }
  | { line: 'known'; known: Known };

export class QueueFull extends Error {}

/**
 * Alerts between their acceptance and their delivery. An alert is accepted when it is in the journal; one that is accepted
 * already, in the same state, is not accepted twice: its sender waits for the first.
 */
export class Queue {
  readonly #waiting = new Map<number, Waiting>();
  readonly #known = new Map<string, Known>();
  /** Times of what was sent to a target in the last minute. */
  readonly #sent = new Map<string, number[]>();
  readonly #sizes = new Map<number, number>();
  /** Called when something changed: more waits, or less. */
  readonly #watchers = new Set<() => void>();
  #bytes = 0;
  #lastId = 0;
  #lastNotification = 0;
  #journal!: Journal;

  private constructor(
    private readonly clock: Clock,
    private readonly maxBytes: number,
    private readonly repeat: number
  ) {}

  static async open(
    file: string,
    { clock, maxBytes, repeat }: { clock: Clock; maxBytes: number; repeat: number }
  ): Promise<{ queue: Queue; damaged: number; torn: boolean }> {
    const queue = new Queue(clock, maxBytes, repeat);
    const { journal, damaged, torn } = await Journal.open(
      file,
      (line) => queue.read(line as Line),
      () => queue.current()
    );
    queue.#journal = journal;
    return { queue, damaged, torn };
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Resolves when the alerts are on the disk.
   * @returns the entries to wait for, of which some may have been there before, and how many alerts were new
   * @throws QueueFull
   */
  async accept(
    target: string,
    { groupKey, alerts, truncated }: Notification
  ): Promise<{ ids: number[]; added: number }> {
    const now = this.clock.now();
    this.forget(now);
    const notification = ++this.#lastNotification;
    const ids: number[] = [];
    const entries: Waiting[] = [];
    for (const alert of alerts) {
      const known = this.#known.get(keyOf(target, groupKey, alert.fingerprint));
      if (known && known.status === alert.status && known.startsAt === alert.startsAt) {
        ids.push(...(known.id === undefined ? [] : [known.id]));
        continue;
      }
      const first = entries.length === 0;
      const id = ++this.#lastId;
      entries.push({ id, notification, target, groupKey, truncated: first ? truncated : 0, accepted: now, alert });
    }
    const lines = entries.map((entry): Line => ({ line: 'accepted', entry }));
    const bytes = lines.reduce((sum, line) => sum + bytesOf(line), 0);
    if (this.#bytes + bytes > this.maxBytes) {
      throw new QueueFull(`${this.#bytes} bytes of alerts wait already`);
    }
    const before = entries.map(({ alert }) => this.#known.get(keyOf(target, groupKey, alert.fingerprint)));
    entries.forEach((entry) => this.add(entry));
    if (entries.length > 0) {
      try {
        await this.#journal.append(...lines);
      } catch (error) {
        entries.forEach((entry, index) => this.revert(entry, before[index]));
        throw error;
      }
      this.changed();
    }
    return { ids: [...ids, ...entries.map(({ id }) => id)], added: entries.length };
  }

  /** In the order in which they were accepted. */
  of(target: string): Waiting[] {
    return [...this.#waiting.values()].filter((entry) => entry.target === target);
  }

  /** For which something waits. */
  targets(): string[] {
    return [...new Set([...this.#waiting.values()].map(({ target }) => target))];
  }

  isWaiting(ids: readonly number[]): boolean {
    return ids.some((id) => this.#waiting.has(id));
  }

  /** Resolves at the next change, or when aborted. */
  change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) {
        return resolve();
      }
      const end = () => {
        this.#watchers.delete(end);
        signal.removeEventListener('abort', end);
        resolve();
      };
      this.#watchers.add(end);
      signal.addEventListener('abort', end);
    });
  }

  told(ids: number[]): Promise<void> {
    return this.end({ line: 'told', ids, at: this.clock.now() });
  }

  giveUp(ids: number[]): Promise<void> {
    return this.end({ line: 'given up', ids, at: this.clock.now() });
  }

  /** Before something is sent: a relay that is killed again and again must not exceed the robot's rate. */
  sent(target: string): Promise<void> {
    const line: Line = { line: 'sent', target, at: this.clock.now() };
    this.read(line);
    return this.#journal.append(line);
  }

  sentLately(target: string): number[] {
    const since = this.clock.now() - 60_000;
    return (this.#sent.get(target) ?? []).filter((at) => at > since);
  }

  close(): Promise<void> {
    return this.#journal.close();
  }

  private end(line: Line & { line: 'told' | 'given up' }): Promise<void> {
    this.read(line);
    this.changed();
    return this.#journal.append(line);
  }

  /** Also of lines that were read before, as a rewritten journal may repeat some. */
  private read(line: Line): void {
    switch (line.line) {
      case 'accepted':
        return this.add(line.entry);
      case 'told':
      case 'given up':
        return line.ids.forEach((id) => this.remove(id, line.at, line.line === 'told'));
      case 'sent': {
        const times = this.#sent.get(line.target) ?? [];
        this.#sent.set(line.target, [...times.filter((at) => at > line.at - 60_000), line.at]);
        return;
      }
      case 'known':
        this.#known.set(keyOf(line.known.target, line.known.groupKey, line.known.fingerprint), line.known);
        return;
      default:
        throw new Error('no line of a journal');
    }
  }

  private current(): Line[] {
    this.forget(this.clock.now());
    return [
      ...[...this.#known.values()]
        .filter(({ id }) => id === undefined)
        .map((known): Line => ({ line: 'known', known })),
      ...[...this.#sent].flatMap(([target, times]) => times.map((at): Line => ({ line: 'sent', target, at }))),
      ...[...this.#waiting.values()].map((entry): Line => ({ line: 'accepted', entry })),
    ];
  }

  private add(entry: Waiting): void {
    const { id, notification, target, groupKey, accepted, alert } = entry;
    const { fingerprint, status, startsAt } = alert;
    this.#lastId = Math.max(this.#lastId, id);
    this.#lastNotification = Math.max(this.#lastNotification, notification);
    this.#known.set(keyOf(target, groupKey, fingerprint), {
      ...{ target, groupKey, fingerprint, status, startsAt },
      id,
      at: accepted,
    });
    const bytes = bytesOf({ line: 'accepted', entry });
    this.#bytes += bytes - (this.#sizes.get(id) ?? 0);
    this.#sizes.set(id, bytes);
    this.#waiting.set(id, entry);
  }

  private remove(id: number, at: number, told: boolean): void {
    const entry = this.#waiting.get(id);
    if (!entry) {
      return;
    }
    this.#waiting.delete(id);
    this.#bytes -= this.#sizes.get(id) ?? 0;
    this.#sizes.delete(id);
    const key = keyOf(entry.target, entry.groupKey, entry.alert.fingerprint);
    const known = this.#known.get(key);
    if (known?.id === id && told) {
      this.#known.set(key, { ...known, id: undefined, at });
    } else if (known?.id === id) {
      this.#known.delete(key);
    }
  }

  private revert(entry: Waiting, before: Known | undefined): void {
    this.remove(entry.id, entry.accepted, false);
    if (before) {
      this.#known.set(keyOf(entry.target, entry.groupKey, entry.alert.fingerprint), before);
    }
    this.changed();
  }

  /** What was told longer ago than `repeat`: its sender means it when it says it again. */
  private forget(now: number): void {
    for (const [key, { id, at }] of this.#known) {
      if (id === undefined && at <= now - this.repeat) {
        this.#known.delete(key);
      }
    }
  }

  private changed(): void {
    [...this.#watchers].forEach((watcher) => watcher());
  }
}

function keyOf(target: string, groupKey: string, fingerprint: string): string {
  return JSON.stringify([target, groupKey, fingerprint]);
}

function bytesOf(line: Line): number {
  return Buffer.byteLength(JSON.stringify(line)) + 1;
}
