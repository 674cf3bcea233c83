// Times in tests are UTC wherever they run.
process.env.TZ = 'UTC';

const { grafanaESModules, nodeModulesToTransform } = require('./.config/jest/utils');
const grafanaConfig = require('./.config/jest.config');

module.exports = {
  ...grafanaConfig,
  testMatch: ['<rootDir>/{src,dashboards,alerts,demo,tests}/**/*.test.{ts,tsx}'],
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.cache', '<rootDir>/tests/react-19'],
  // d3-color 3.1.1 ships .mjs, which the generated pattern leaves untransformed.
  transform: { '^.+\\.(mjs|[tj]sx?)$': grafanaConfig.transform['^.+\\.(t|j)sx?$'] },
  transformIgnorePatterns: [nodeModulesToTransform([...grafanaESModules, 'd3-[a-z-]+'])],
};
