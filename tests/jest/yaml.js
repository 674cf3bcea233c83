const { load } = require('js-yaml');

/** As webpack.config.ts does it. */
module.exports = {
  process: (text) => ({ code: `module.exports = ${JSON.stringify(load(text))};` }),
};
