import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';

const ROOT = path.resolve(__dirname, '../..');
const SRC = path.join(ROOT, 'src');
const OWN_MODULES = path.join(ROOT, 'node_modules');

interface Options {
  /** The node_modules folder whose React and Grafana packages the page runs with. */
  nodeModules?: string;
  /** What the server serves; made anew, unless it was built of the same files and packages. */
  outDir?: string;
}

/** Writes all of the page that is not part of the plugin: its bundle, SystemJS, and Grafana's icons and fonts. */
export async function buildPreview({
  nodeModules = OWN_MODULES,
  outDir = path.join(ROOT, '.cache/preview'),
}: Options = {}) {
  const stampFile = path.join(outDir, 'built-from');
  const stamp = stampOf(nodeModules);
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) {
    return;
  }
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  copyStatic(nodeModules, outDir);
  await build({
    entryPoints: [path.join(__dirname, 'host.tsx')],
    outfile: path.join(outDir, 'host.js'),
    bundle: true,
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
    plugins: [packagesFrom(nodeModules)],
  });
  writeFileSync(stampFile, stamp);
}

/** Changes with the files of this project that are in the page, and with what is installed. */
function stampOf(nodeModules: string): string {
  const own = [__dirname, path.join(SRC, 'promql')].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /\.(tsx?|html)$/.test(name))
      .map((name) => path.join(folder, name))
  );
  const installed = [nodeModules, OWN_MODULES].map((folder) => path.join(folder, '.package-lock.json'));
  const hash = createHash('sha256');
  for (const file of [...own, path.join(SRC, 'constants.ts'), path.join(SRC, 'plugin.json'), ...installed]) {
    hash.update(readFileSync(file));
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

/** To the addresses at which Grafana has them and its components look for them. */
function copyStatic(nodeModules: string, outDir: string) {
  const inter = path.join(OWN_MODULES, '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2');
  const interItalic = path.join(OWN_MODULES, '@fontsource-variable/inter/files/inter-latin-wght-italic.woff2');
  const mono = path.join(OWN_MODULES, '@fontsource-variable/roboto-mono/files/roboto-mono-latin-wght-normal.woff2');
  const copies: Record<string, string> = {
    'index.html': path.join(__dirname, 'index.html'),
    systemjs: path.join(OWN_MODULES, 'systemjs/dist'),
    'public/build/img/icons': path.join(nodeModules, '@grafana/ui/dist/public/img/icons'),
    'public/fonts/inter/Inter-Regular.woff2': inter,
    'public/fonts/inter/Inter-Medium.woff2': inter,
    'public/fonts/inter/Inter-Italic.woff2': interItalic,
    'public/fonts/inter/Inter-MediumItalic.woff2': interItalic,
    'public/fonts/roboto/L0xTDF4xlVMF-BfR8bXMIhJHg45mwgGEFl0_3vrtSM1J-gEPT5Ese6hmHSh0mQ.woff2': mono,
  };
  for (const [to, from] of Object.entries(copies)) {
    cpSync(from, path.join(outDir, to), { recursive: true });
  }
}
