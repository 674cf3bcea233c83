import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';

const ROOT = path.resolve(__dirname, '../..');
const OWN_MODULES = path.join(ROOT, 'node_modules');

interface Options {
  /** The node_modules folder whose React and Grafana packages the page runs with. */
  nodeModules?: string;
  /** What the server serves; made anew, unless it was built of the same files and packages. */
  outDir?: string;
  /** What the page runs, as `host.js`. */
  script?: string;
  /** Further files of the page, by their place below `outDir`; one may be `index.html`. */
  files?: Record<string, string>;
}

/** Writes all of the page that is not part of the plugin: its bundle, SystemJS, and Grafana's icons and fonts. */
export async function buildPreview({
  nodeModules = OWN_MODULES,
  outDir = path.join(ROOT, '.cache/preview'),
  script = path.join(__dirname, 'host.tsx'),
  files = {},
}: Options = {}) {
  const builtFrom = path.join(outDir, 'built-from.json');
  const installed = [nodeModules, OWN_MODULES].map((folder) => path.join(folder, '.package-lock.json'));
  const copies = { ...grafanasFiles(nodeModules), 'index.html': path.join(__dirname, 'index.html'), ...files };
  if (isUnchanged(builtFrom, script, copies)) {
    return;
  }
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  for (const [to, from] of Object.entries(copies)) {
    cpSync(from, path.join(outDir, to), { recursive: true });
  }
  const { metafile } = await build({
    entryPoints: [script],
    outfile: path.join(outDir, 'host.js'),
    absWorkingDir: ROOT,
    bundle: true,
    metafile: true,
    minify: true,
    target: 'es2022',
    define: {
      global: 'window',
      'process.env.NODE_ENV': '"production"',
      // SystemJS defines define(), and UMD packages in this bundle must not register themselves with it.
      define: 'undefined',
    },
    // Stylesheets of maps and code editors, which the page does not show.
    loader: { '.css': 'empty' },
    logLevel: 'error',
    plugins: [scrollbars, packagesFrom(nodeModules)],
  });
  const own = Object.keys(metafile.inputs).filter((file) => !file.includes('node_modules/'));
  const watched = [__filename, ...installed, ...own.map((file) => path.join(ROOT, file)), ...filesOf(copies)];
  writeFileSync(builtFrom, JSON.stringify({ script, copies, watched, digest: digestOf(watched) }));
}

/** Whether a page was built of the same script, files and packages, none of which has changed since. */
function isUnchanged(builtFrom: string, script: string, copies: Record<string, string>): boolean {
  if (!existsSync(builtFrom)) {
    return false;
  }
  const last = JSON.parse(readFileSync(builtFrom, 'utf8'));
  return (
    last.script === script &&
    JSON.stringify(last.copies) === JSON.stringify(copies) &&
    last.digest === digestOf(last.watched)
  );
}

/** Folders are of packages, which change with what is installed. */
function filesOf(copies: Record<string, string>): string[] {
  return Object.values(copies).filter((from) => statSync(from).isFile());
}

function digestOf(files: string[]): string {
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(existsSync(file) ? readFileSync(file) : '');
  }
  return hash.digest('hex');
}

/** Imports of packages by this project's own files come from one folder, wherever the file is. */
function packagesFrom(nodeModules: string): Plugin {
  return {
    name: 'packages-from',
    setup({ onResolve, resolve }) {
      onResolve({ filter: /^[^./]/ }, ({ path: name, importer, kind, pluginData }) =>
        kind === 'entry-point' || pluginData === packagesFrom || importer.includes('/node_modules/')
          ? undefined
          : resolve(name, { kind, importer, resolveDir: nodeModules, pluginData: packagesFrom })
      );
    },
  };
}

/**
 * @grafana/ui imports this CommonJS package from a file named .mjs. As Node does, esbuild then takes all of the package for
 * its default export; webpack, with which Grafana is built, takes what the package calls so.
 */
const scrollbars: Plugin = {
  name: 'scrollbars',
  setup({ onResolve, onLoad, resolve }) {
    onResolve(
      { filter: /^react-custom-scrollbars-2$/ },
      async ({ path: name, importer, kind, resolveDir, pluginData }) => {
        if (pluginData === scrollbars) {
          return undefined;
        }
        const found = await resolve(name, { kind, importer, resolveDir, pluginData: scrollbars });
        return { path: found.path, namespace: 'default-export' };
      }
    );
    onLoad({ filter: /./, namespace: 'default-export' }, ({ path: file }) => ({
      contents: `module.exports = require(${JSON.stringify(file)}).default`,
      resolveDir: path.dirname(file),
    }));
  },
};

/** At the addresses at which Grafana has them and its components look for them. */
function grafanasFiles(nodeModules: string): Record<string, string> {
  const inter = path.join(OWN_MODULES, '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2');
  const interItalic = path.join(OWN_MODULES, '@fontsource-variable/inter/files/inter-latin-wght-italic.woff2');
  const mono = path.join(OWN_MODULES, '@fontsource-variable/roboto-mono/files/roboto-mono-latin-wght-normal.woff2');
  return {
    systemjs: path.join(OWN_MODULES, 'systemjs/dist'),
    'public/build/img/icons': path.join(nodeModules, '@grafana/ui/dist/public/img/icons'),
    'public/fonts/inter/Inter-Regular.woff2': inter,
    'public/fonts/inter/Inter-Medium.woff2': inter,
    'public/fonts/inter/Inter-Italic.woff2': interItalic,
    'public/fonts/inter/Inter-MediumItalic.woff2': interItalic,
    'public/fonts/roboto/L0xTDF4xlVMF-BfR8bXMIhJHg45mwgGEFl0_3vrtSM1J-gEPT5Ese6hmHSh0mQ.woff2': mono,
  };
}
