import { textUtil } from '@grafana/data';
import { packageOf } from '../../../calltree/functionName';

/**
 * Where a function's source is, by the option's template: `{function}` is the whole name, `{package}` its import path and
 * `{name}` what follows, each encoded; slashes of the package stay.
 * @returns `undefined` without a template, and for frames that are no function of a package
 */
export function sourceUrl(template: string, functionName: string): string | undefined {
  const pkg = packageOf(functionName);
  if (template.trim() === '' || pkg === '') {
    return undefined;
  }
  const values: Record<string, string> = {
    function: encodeURIComponent(functionName),
    // The linker escapes dots in a path's last element.
    package: pkg.replaceAll('%2e', '.').split('/').map(encodeURIComponent).join('/'),
    name: encodeURIComponent(functionName.slice(pkg.length + 1)),
  };
  const url = template.trim().replace(/\{(function|package|name)\}/g, (_, key: string) => values[key]);
  return textUtil.sanitizeUrl(url);
}
