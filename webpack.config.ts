import path from 'path';
import CopyWebpackPlugin from 'copy-webpack-plugin';
import type { Configuration } from 'webpack';
import { merge } from 'webpack-merge';
import grafanaConfig, { type Env } from './.config/webpack/webpack.config.ts';

const config = async (env: Env): Promise<Configuration> =>
  merge(await grafanaConfig(env), {
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

export default config;
