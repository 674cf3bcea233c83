import { endCommands } from './command';

/** What a command that runs for long has started and made: it is undone when the command ends, by itself or by a signal. */
export class CleanUps {
  private readonly cleanUps: Array<() => unknown> = [];
  private isEnding = false;

  /** Whether what fails now fails because it is being ended, which is no news. */
  get areRunning(): boolean {
    return this.isEnding;
  }

  add(cleanUp: () => unknown) {
    this.cleanUps.push(cleanUp);
  }

  /** Undoes all, the last first, and exits. */
  async exit(code: number): Promise<void> {
    if (this.isEnding) {
      return;
    }
    this.isEnding = true;
    await endCommands();
    for (const cleanUp of this.cleanUps.reverse()) {
      await Promise.resolve(cleanUp()).catch((error) => console.error(error));
    }
    process.exit(code);
  }

  /** @param onSignal called for the first one: Ctrl-C comes twice, from the terminal and from npm */
  exitOnSignals(onSignal = () => {}) {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (!this.isEnding) {
          onSignal();
        }
        void this.exit(0);
      });
    }
  }
}
