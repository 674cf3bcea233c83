/** What is being done, on standard error: one line that changes in a terminal, else a line each. */
export function progress(text: string) {
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text.slice(0, process.stderr.columns - 1)}` : `${text}\n`);
}

/** What stays to be read. */
export function remark(text: string) {
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text}\n` : `${text}\n`);
}
