import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { SourceMap } from 'node:module';
import path from 'node:path';
import { satisfies, validRange } from 'semver';
import packageJson from '../package.json';
import { bytes, FILES, json, PLUGINS, SCRIPTS, text } from './dist';
import schema from './plugin-schema.json';

// What Grafana's catalog asks of a plugin, as its publishing criteria and the analyzers of its plugin-validator 0.45.6 have
// it: https://grafana.com/developers/plugin-tools/publish-a-plugin/publishing-best-practices and
// https://github.com/grafana/plugin-validator#analyzers

interface Include {
  type: string;
  name: string;
  path: string;
  uid?: string;
}

const app = json('plugin.json');
const included = (type: string): Include[] => app.includes.filter((include: Include) => include.type === type);
const DASHBOARDS = FILES.filter((file) => file.startsWith('dashboards/'));

it('has the app and its flame graph panel, and no other plugin', () => {
  expect([...PLUGINS].sort()).toEqual(['.', 'panels/goroutine-flamegraph']);
});

describe.each(PLUGINS)('the plugin in %s', (folder) => {
  const plugin = json(folder, 'plugin.json');
  const has = (file: string) => FILES.includes(path.posix.join(folder, file));

  it('has a plugin.json in the documented form, with every placeholder filled in', () => {
    const ajv = new Ajv({ allErrors: true, strictTypes: false });
    addFormats(ajv);
    const validate = ajv.compile(schema);
    validate(plugin);
    expect(validate.errors).toBeNull();
    expect(text(folder, 'plugin.json')).not.toMatch(/%[A-Z_]+%/);
  });

  it('has an id of organisation, name and type, and a name for people', () => {
    expect(plugin.id).toMatch(new RegExp(`^stackpressure-[0-9a-z]{6,}-${plugin.type}$`));
    expect(plugin.name).not.toMatch(/grafana|plugin|^(app|panel|dashboards?)$/i);
    expect(plugin.name).not.toBe(plugin.id);
  });

  it('is of the version of package.json', () => {
    expect(plugin.info.version).toBe(packageJson.version);
  });

  it('runs on Grafana 12.2.0 and on any newer one, not on one release alone', () => {
    const range = plugin.dependencies.grafanaDependency;
    expect(validRange(range)).not.toBeNull();
    for (const version of ['12.2.0', '12.4.5', '13.0.0', '14.1.0']) {
      expect([version, satisfies(version, range)]).toEqual([version, true]);
    }
    expect(satisfies('12.1.9', range)).toBe(false);
  });

  it('has its code with a source map that holds the sources, for the review', () => {
    expect(has('module.js')).toBe(true);
    const { sources, sourcesContent } = json(folder, 'module.js.map');
    expect(sourcesContent).toHaveLength(sources.length);
  });

  it('has the logos that it names, in its own folder', () => {
    expect(has(plugin.info.logos.small)).toBe(true);
    expect(has(plugin.info.logos.large)).toBe(true);
  });
});

it.each(included('panel').concat(included('dashboard')))('includes $type “$name”, which is there', (include) => {
  expect(FILES).toContain(include.path);
});

it('declares every nested plugin by its path and type', () => {
  for (const folder of PLUGINS.filter((folder) => folder !== '.')) {
    const { type } = json(folder, 'plugin.json');
    expect(app.includes).toContainEqual(expect.objectContaining({ type, path: `${folder}/plugin.json` }));
  }
});

it('has its texts in every language that it names', () => {
  for (const language of app.languages ?? []) {
    expect(FILES).toContain(`locales/${language}/${app.id}.json`);
  }
});

it('has at least one screenshot, and each is a PNG wide enough to be read', () => {
  expect(app.info.screenshots).not.toEqual([]);
  for (const screenshot of app.info.screenshots) {
    const picture = bytes(screenshot.path);
    expect(picture.subarray(1, 4).toString('latin1')).toBe('PNG');
    const width = picture.readUInt32BE(16);
    expect(width).toBeGreaterThanOrEqual(1200);
  }
});

it('says where its documentation and its source are', () => {
  const names = app.info.links.map(({ name }: { name: string }) => name);
  expect(names).toEqual(expect.arrayContaining(['Documentation', 'Repository']));
});

describe('README.md', () => {
  const readme = text('README.md');

  it('describes the plugin, and is not the template', () => {
    expect(readme).toContain(`# ${app.name}`);
    expect(readme.length).toBeGreaterThan(500);
    expect(readme).not.toMatch(/Grafana (panel|data ?source|app|data source backend) plugin template/i);
  });

  it('has no comments, and none of the words for developers that the validator looks for', () => {
    expect(readme).not.toMatch(/<!--|yarn|nodejs/);
  });

  it('has no relative links, which lead nowhere from the catalog', () => {
    const targets = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target);
    expect(targets.filter((target) => !target.startsWith('https://'))).toEqual([]);
  });
});

it('has a changelog that says what this version changed', () => {
  expect(text('CHANGELOG.md')).toMatch(new RegExp(`^## \\[?${packageJson.version.replaceAll('.', '\\.')}\\b`, 'm'));
});

it('has a licence that the catalog takes, without the template’s blanks', () => {
  expect(text('LICENSE')).toContain('Apache License');
  expect(text('LICENSE')).not.toMatch(/\{yyyy\}|\{name of copyright owner\}|\[yyyy\]|\[name of copyright owner\]/);
});

describe('the bundled dashboards', () => {
  const dashboards = DASHBOARDS.map((file) => json(file));

  it('are those that plugin.json includes, under the uid that it says', () => {
    expect(
      included('dashboard')
        .map((include) => include.path)
        .sort()
    ).toEqual(DASHBOARDS);
    for (const include of included('dashboard')) {
      expect(json(include.path).uid).toBe(include.uid);
    }
  });

  it('have uids and titles of their own: Grafana matches an imported one by its title', () => {
    const distinct = (key: string) => new Set(dashboards.map((dashboard) => String(dashboard[key]).toLowerCase())).size;
    expect(distinct('uid')).toBe(dashboards.length);
    expect(distinct('title')).toBe(dashboards.length);
  });

  it.each(DASHBOARDS)('can be imported by Grafana itself, and updated with the plugin: %s', (file) => {
    const dashboard = json(file);
    // With inputs the import fails, with an id it may overwrite, and without a revision no later version is imported.
    expect(dashboard).not.toHaveProperty('__inputs');
    expect(dashboard.id ?? null).toBeNull();
    expect(dashboard.revision).toBeGreaterThanOrEqual(1);
  });
});

it('calls no console from code of ours', () => {
  const calls = SCRIPTS.flatMap((script) => {
    const map = new SourceMap(json(`${script}.map`));
    return positions(text(script), /\bconsole\.\w+/g).map(([line, column]) => {
      const origin = map.findEntry(line, column);
      return 'originalSource' in origin ? origin.originalSource : script;
    });
  });
  expect(calls.filter((source) => !source.includes('node_modules/'))).toEqual([]);
});

it('has no tracking scripts and evaluates no text as code, which a content security policy forbids', () => {
  for (const script of SCRIPTS) {
    expect([
      script,
      /google-analytics|googletagmanager|\beval\(|new Function\((?!"return this"\))/.exec(text(script)),
    ]).toEqual([script, null]);
  }
});

it.each(FILES.filter((file) => file.endsWith('.svg')))('has no script, foreign document or address in %s', (file) => {
  expect(text(file)).not.toMatch(
    /<script|<foreignObject|<iframe|<!ENTITY|\son\w+\s*=|javascript:|(href|src)\s*=\s*["'](?!#)/i
  );
});

it('has only files that a plugin is made of: no tests, fixtures or leftovers', () => {
  const EXPECTED = [
    /^(LICENSE|README\.md|CHANGELOG\.md)$/,
    // What signing adds.
    /^MANIFEST\.txt$/,
    /^(panels\/[^/]+\/)?(plugin\.json|module\.js|module\.js\.map)$/,
    // Chunks of the app, and the licences of the packages in them.
    /^[\w-]+\.js(\.map|\.LICENSE\.txt)?$/,
    /^(panels\/[^/]+\/)?img\/[\w-]+\.(svg|png)$/,
    /^dashboards\/[a-z-]+\.json$/,
    /^locales\/[\w-]+\/[\w-]+\.json$/,
  ];
  expect(FILES.filter((file) => !EXPECTED.some((pattern) => pattern.test(file)))).toEqual([]);
});

/** Lines and columns from 0. */
function positions(code: string, pattern: RegExp): Array<[line: number, column: number]> {
  return code
    .split('\n')
    .flatMap((text, line) => [...text.matchAll(pattern)].map(({ index }): [number, number] => [line, index]));
}
