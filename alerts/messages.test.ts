import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { messageFiles, MESSAGES } from './messages';

it('the templates are what `npm run alerts:messages` makes', () => {
  const files = readdirSync(MESSAGES).filter((name) => name.endsWith('.tmpl'));
  expect(Object.fromEntries(files.map((name) => [name, readFileSync(path.join(MESSAGES, name), 'utf8')]))).toEqual(
    messageFiles()
  );
});
