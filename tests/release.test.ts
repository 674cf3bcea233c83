import { unzipSync } from 'fflate';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { archive, digest } from '../release/archive';
import { changesOf } from '../release/changelog';
import { APP_ID } from '../src/constants';
import { DIST, FILES } from './dist';

const made = archive(DIST);

describe('the zip of a release', () => {
  it('is named as the plugin and its version, and has one folder, named as the plugin', () => {
    expect(made.name).toMatch(new RegExp(`^${APP_ID}-\\d+\\.\\d+\\.\\d+\\.zip$`));
    const roots = new Set(Object.keys(unzipSync(made.zip)).map((file) => file.split('/')[0]));
    expect([...roots]).toEqual([APP_ID]);
  });

  it('has every file that was built, as it was built', () => {
    const unzipped = unzipSync(made.zip);
    expect(Object.keys(unzipped).sort()).toEqual(FILES.map((file) => `${APP_ID}/${file}`).sort());
    for (const file of FILES) {
      expect(readFileSync(path.join(DIST, file)).equals(unzipped[`${APP_ID}/${file}`])).toBe(true);
    }
  });

  it('is the same bytes whenever the same files are packed, so that anyone can check a release', () => {
    jest.useFakeTimers({ now: new Date('2031-07-01T12:00:00Z') });
    expect(digest('sha256', archive(DIST))).toBe(digest('sha256', made));
    jest.useRealTimers();
  });
});

describe('the notes of a release', () => {
  const CHANGELOG =
    '# Changelog\n\n## 1.10.0\n\nTen.\n\n## 1.1.0 (2026-11-25)\n\n### Fixed\n\nOne.\n\n## [1.0.0](https://x)\n\nNone.\n';

  it('are what the changelog says of that version alone', () => {
    expect(changesOf('1.10.0', CHANGELOG)).toBe('Ten.');
    expect(changesOf('1.1.0', CHANGELOG)).toBe('### Fixed\n\nOne.');
    expect(changesOf('1.0.0', CHANGELOG)).toBe('None.');
  });

  it('are asked for where they are missing', () => {
    expect(() => changesOf('1.0', CHANGELOG)).toThrow('CHANGELOG.md says nothing of 1.0: write a section "## 1.0"');
    expect(() => changesOf('2.0.0', '## 2.0.0\n\n## 1.0.0\n\nNone.')).toThrow('says nothing of 2.0.0');
  });
});
