import path from 'path';
import CopyWebpackPlugin from 'copy-webpack-plugin';
import { load } from 'js-yaml';
import type { Configuration } from 'webpack';
import { merge } from 'webpack-merge';
import grafanaConfig, { type Env } from './.config/webpack/webpack.config.ts';

/** Grafana does not lend it before 12.2.5. */
const JSX_RUNTIME = 'react/jsx-runtime';

const config = async (env: Env): Promise<Configuration> => {
  const { externals, ...generated } = await grafanaConfig(env);
  return merge(generated, {
    externals: Array.isArray(externals) ? externals.filter((lent) => lent !== JSX_RUNTIME) : externals,
    resolve: { alias: { [JSX_RUNTIME]: path.resolve(process.cwd(), 'src/jsxRuntime.ts') } },
    module: { rules: [{ test: /\.rules\.yml$/, type: 'json', parser: { parse: load } }] },
    plugins: [
      new CopyWebpackPlugin({
        patterns: [
          // create-plugin copies only the app's own logos.
          { from: 'panels/**/img/*', to: '.' },
          // plugin.json includes this file by its path below dist.
          { from: path.resolve(process.cwd(), 'dashboards/*.json'), to: 'dashboards/[name][ext]' },
        ],
      }),
    ],
  });
};

export default config;
