// Times in tests are UTC wherever they run.
process.env.TZ = 'UTC';

const { grafanaESModules, nodeModulesToTransform } = require('./.config/jest/utils');
const grafanaConfig = require('./.config/jest.config');

const common = {
  ...grafanaConfig,
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.cache', '<rootDir>/tests/react-19'],
  // d3-color 3.1.1 ships .mjs, which the generated pattern leaves untransformed.
  transform: {
    '^.+\\.(mjs|[tj]sx?)$': grafanaConfig.transform['^.+\\.(t|j)sx?$'],
    '\\.rules\\.yml$': '<rootDir>/tests/jest/yaml.js',
  },
  transformIgnorePatterns: [nodeModulesToTransform([...grafanaESModules, 'd3-[a-z-]+', 'vega-statistics'])],
};

module.exports = {
  projects: [
    {
      ...common,
      displayName: 'plugin',
      // jsdom with Node's fetch, which msw answers.
      testEnvironment: 'jest-fixed-jsdom',
      testMatch: ['<rootDir>/src/**/*.test.{ts,tsx}'],
    },
    {
      ...common,
      displayName: 'around it',
      testEnvironment: 'node',
      setupFilesAfterEnv: [],
      testMatch: ['<rootDir>/{dashboards,alerts,bench,demo,relay,tests}/**/*.test.ts'],
    },
  ],
};
