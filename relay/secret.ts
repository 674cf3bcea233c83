import { timingSafeEqual, createHash } from 'node:crypto';
import { inspect } from 'node:util';

const HIDDEN = '[secret]';

/** A text that no log, error or JSON shows: only who calls `reveal` has it. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  /** Takes the same time for any other text: what is compared are hashes of one length. */
  equals(text: string): boolean {
    return timingSafeEqual(sha256(this.#text), sha256(text));
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/**
 * A text of others, such as a robot's error, without the secrets that it may repeat: as they are, and as a URL has them.
 */
export function redact(text: string, secrets: readonly Secret[]): string {
  const forms = secrets.map((secret) => secret.reveal()).flatMap((secret) => [secret, encodeURIComponent(secret)]);
  return forms.reduce((redacted, form) => (form === '' ? redacted : redacted.replaceAll(form, HIDDEN)), text);
}
