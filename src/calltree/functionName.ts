/** Where a function lives, as far as its name tells. */
export type FunctionOrigin = 'own' | 'third party' | 'standard library' | 'runtime' | 'synthetic';

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

/** @param ownModules paths of modules whose packages are the person's own, as `main` always is */
export function originOf(functionName: string, ownModules: readonly string[] = []): FunctionOrigin {
  if (functionName.startsWith('(')) {
    return 'synthetic';
  }
  const pkg = packageOf(functionName);
  if (pkg === 'main' || ownModules.some((module) => pkg === module || pkg.startsWith(`${module}/`))) {
    return 'own';
  }
  if (pkg === 'runtime' || pkg.startsWith('runtime/') || pkg.startsWith('internal/runtime/')) {
    return 'runtime';
  }
  // Module paths start with a domain name; the standard library's do not (https://go.dev/ref/mod#module-path).
  return pkg.split('/', 1)[0].includes('.') ? 'third party' : 'standard library';
}

/**
 * Whether a function is of the runtime, in its own packages or pushed from there into others by the linker, such as
 * `sync.runtime_SemacquireMutex`: how a goroutine waits, not who lets it.
 */
export function isOfRuntime(functionName: string): boolean {
  return originOf(functionName) === 'runtime' || /\.runtime_/.test(functionName);
}

/**
 * A function's names from the longest to the shortest that still tells something: `net/http.(*conn).serve`,
 * `http.(*conn).serve`, `(*conn).serve`, `serve`. As pprof's shortnames does, so that the end of a name survives.
 */
export function shortNames(functionName: string): string[] {
  const pkg = packageOf(functionName);
  if (pkg === '') {
    return [functionName];
  }
  const inPackage = functionName.slice(pkg.length + 1);
  const method = /^\(?\*?[^.()]+\)?\.(?=[^.])/.exec(inPackage);
  const names = [functionName, `${pkg.slice(pkg.lastIndexOf('/') + 1)}.${inPackage}`, inPackage];
  // `(*conn).serve` loses its type; `serve.func1` is a closure of serve and keeps it.
  if (method && inPackage.startsWith('(')) {
    names.push(inPackage.slice(method[0].length));
  }
  return [...new Set(names)];
}
