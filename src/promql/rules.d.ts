/** Files of alerts/, which webpack and Jest parse as they are loaded. */
declare module '*.rules.yml' {
  import type { RuleFile } from './prometheusRules';
  const file: RuleFile;
  export default file;
}
