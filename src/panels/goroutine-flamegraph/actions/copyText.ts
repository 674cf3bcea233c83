import { AppEvents } from '@grafana/data';
import { getAppEvents } from '@grafana/runtime';

/** Puts a text into the clipboard and says so, or says why not. */
export async function copyText(text: string, what: string) {
  try {
    await writeClipboard(text);
    notify(AppEvents.alertSuccess.name, `Copied ${what}`);
  } catch (error) {
    notify(AppEvents.alertError.name, `${what} could not be copied`, (error as Error).message);
  }
}

export function notify(type: string, ...payload: string[]) {
  getAppEvents().publish({ type, payload });
}

async function writeClipboard(text: string) {
  if (navigator.clipboard && window.isSecureContext) {
    return navigator.clipboard.writeText(text);
  }
  // Grafana is often served by plain HTTP, where browsers have no clipboard API.
  const area = document.createElement('textarea');
  area.value = text;
  area.style.position = 'fixed';
  area.style.opacity = '0';
  document.body.appendChild(area);
  area.select();
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- there is nothing else without HTTPS
  const copied = document.execCommand('copy');
  area.remove();
  if (!copied) {
    throw new Error('The browser does not allow it on pages without HTTPS.');
  }
}
