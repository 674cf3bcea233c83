/** What the page's address asks for: `?job=<job>&theme=dark|light`. The server adds a job where there is none. */
const asked = new URLSearchParams(window.location.search);

export const job = asked.get('job') ?? '';

export type ThemeName = 'dark' | 'light';

export const theme: ThemeName = isThemeName(asked.get('theme')) ?? preferredTheme();

function isThemeName(text: string | null): ThemeName | undefined {
  return text === 'dark' || text === 'light' ? text : undefined;
}

function preferredTheme(): ThemeName {
  return window.matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
}
