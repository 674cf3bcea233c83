import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pluginJson from '../src/plugin.json';

const ROOT = path.resolve(__dirname, '..');

type Texts = { [key: string]: string | Texts };

/** The texts of a language by their dotted keys. */
function textsOf(language: string): Map<string, string> {
  return textsIn(path.join(ROOT, 'src/locales', language, `${pluginJson.id}.json`));
}

function textsIn(file: string): Map<string, string> {
  const flat = (texts: Texts, prefix: string): Array<[string, string]> =>
    Object.entries(texts).flatMap(([key, text]) =>
      typeof text === 'string' ? [[prefix + key, text] as [string, string]] : flat(text, `${prefix}${key}.`)
    );
  return new Map(flat(JSON.parse(readFileSync(file, 'utf8')), ''));
}

const english = textsOf('en-US');

/** What a text is filled in with, and the elements in it. */
const holesOf = (text: string) => (text.match(/\{\{\w+\}\}|<\/?\d+>/g) ?? []).sort();

it('has the texts of the code; `npm run i18n-extract` takes them over', () => {
  const out = mkdtempSync(path.join(tmpdir(), 'locales-'));
  const args = ['--config', 'i18next-parser.config.mjs', '--silent', '--output', `${out}/$LOCALE.json`];
  const { status, stderr } = spawnSync(path.join(ROOT, 'node_modules/.bin/i18next'), args, {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  const inCode = textsIn(path.join(out, 'en-US.json'));
  rmSync(out, { recursive: true });
  expect([...english]).toEqual([...inCode]);
});

describe.each(pluginJson.languages.filter((language) => language !== 'en-US'))('%s', (language) => {
  const translated = [...textsOf(language)];

  it('has a text for each of the English ones', () => {
    expect(translated.filter(([, text]) => text === '').map(([key]) => key)).toEqual([]);
    const singular = (key: string) => key.replace(/_(one|other)$/, '');
    expect(new Set(translated.map(([key]) => singular(key)))).toEqual(new Set([...english.keys()].map(singular)));
  });

  it('fills each in with the same values and elements', () => {
    const holes = (texts: Array<[string, string]>) => texts.map(([key, text]) => [key, holesOf(text)]);
    const inEnglish = translated.map(([key]) => [key, english.get(key)!] as [string, string]);
    expect(holes(translated)).toEqual(holes(inEnglish));
  });
});
