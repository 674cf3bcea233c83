/** Where a function lives, as far as its name tells. */
export type FunctionOrigin = 'main' | 'module' | 'standard library' | 'runtime' | 'synthetic';

/**
 * The import path of a Go function's package: `net/http` for `net/http.(*conn).serve`, `gopkg.in/yaml%2ev3` as the
 * linker writes it. `''` where the name has no package (C functions, synthetic frames).
 *
 * The package ends at the first dot after the last slash outside brackets and parentheses: the linker escapes dots in
 * a path's last element (`%2e`), and type arguments (`main.F[a/b.T]`) have slashes of their own.
 */
export function packageOf(functionName: string): string {
  const path = functionName.split(/[([]/, 1)[0];
  const dot = path.indexOf('.', path.lastIndexOf('/') + 1);
  return dot < 0 ? '' : path.slice(0, dot);
}

export function originOf(functionName: string): FunctionOrigin {
  if (functionName.startsWith('(')) {
    return 'synthetic';
  }
  const pkg = packageOf(functionName);
  if (pkg === 'main') {
    return 'main';
  }
  if (pkg === 'runtime' || pkg.startsWith('runtime/') || pkg.startsWith('internal/runtime/')) {
    return 'runtime';
  }
  // Module paths start with a domain name; the standard library's do not (https://go.dev/ref/mod#module-path).
  return pkg.split('/', 1)[0].includes('.') ? 'module' : 'standard library';
}
