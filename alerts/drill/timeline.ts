import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

interface Event {
  at: number;
  text: string;
  /** Of messages. */
  way?: string;
  body?: unknown;
}

/** What happened when: printed as it is known, and as a table with the time that was left until the kill. */
export class Timeline {
  readonly #events = new Map<string, Event>();
  #killedAt: number | undefined;

  /** The first time is the one that counts. */
  note(text: string) {
    this.add(text, { at: Date.now(), text });
  }

  message(way: string, title: string, at: Date, body: unknown) {
    this.add(`${way} ${title} ${at.toISOString()}`, { at: at.getTime(), text: `${way}: ${title}`, way, body });
  }

  killed() {
    this.#killedAt = Date.now();
    this.note('killed by the kernel');
  }

  /** Resolves when so many ways had a message of this kind, or the time is over. */
  async until(isWanted: (text: string) => boolean, ways: number, ms: number) {
    for (const end = Date.now() + ms; Date.now() < end; await sleep(1000)) {
      const had = new Set(this.messages().flatMap(({ way, text }) => (isWanted(text) ? [way] : [])));
      if (had.size >= ways) {
        return;
      }
    }
  }

  /** Seconds from the first message to the kill, of the way that was last to have one. */
  leastLead(): number {
    const firsts = new Map<string, number>();
    for (const { way, at } of this.messages()) {
      firsts.set(way!, Math.min(at, firsts.get(way!) ?? Infinity));
    }
    return ((this.#killedAt ?? Number.NaN) - Math.max(...firsts.values())) / 1000;
  }

  table(): string {
    const events = [...this.#events.values()].sort((a, b) => a.at - b.at);
    const [first] = events;
    const rows = events.map(({ at, text }) => {
      const left = this.#killedAt === undefined ? '' : Math.round((this.#killedAt - at) / 1000);
      const since = Math.round((at - first.at) / 1000);
      return `${new Date(at).toISOString().slice(11, 19)}  ${String(since).padStart(6)}  ${String(left).padStart(6)}  ${text}`;
    });
    return ['UTC        since  before kill, s', ...rows].join('\n');
  }

  /** Each message's body as a file. */
  write(folder: string) {
    this.messages().forEach(({ way, body }, index) => {
      const name = `${String(index).padStart(2, '0')}-${way!.toLowerCase().replace(/\W+/g, '-')}.json`;
      writeFileSync(path.join(folder, name), `${JSON.stringify(body, null, 2)}\n`);
    });
  }

  private messages(): Event[] {
    return [...this.#events.values()].filter(({ way }) => way !== undefined);
  }

  private add(key: string, event: Event) {
    if (!this.#events.has(key)) {
      this.#events.set(key, event);
      console.log(`${new Date(event.at).toISOString().slice(11, 19)} ${event.text}`);
    }
  }
}
