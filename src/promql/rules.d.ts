/** Files of alerts/, which webpack and Jest parse as they are loaded. */
declare module '*.rules.yml' {
  const file: import('./prometheusRules').RuleFile;
  export default file;
}
