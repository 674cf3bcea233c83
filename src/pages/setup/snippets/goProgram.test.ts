import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { firstMetrics, library, liveHeap, pprofHandler, processCollectors } from './goProgram';

const COLLECTOR = path.resolve(__dirname, '../../../../collector');

/** A snippet that is a part of a program, in one: what it says of imports stays, and the rest goes into a function. */
function inProgram(snippet: string): string {
  const [, imports, statements] = /^(import (?:\([^)]*\)|.*)\n)([^]*)$/.exec(snippet)!;
  const needsClient = !imports.includes('client_golang/prometheus"');
  const usesRegistry = statements.includes('registry.');
  return `package main

${imports}${needsClient ? 'import "github.com/prometheus/client_golang/prometheus"\n' : ''}
func register() {
${usesRegistry ? 'registry := prometheus.NewRegistry()\n' : ''}${statements}}

var _ = prometheus.NewRegistry

func main() { register() }
`;
}

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'snippets-'));
  // The library's own dependencies are what there is without a network.
  const requirements = readFileSync(path.join(COLLECTOR, 'go.mod'), 'utf8').replace(/^module .*$/m, 'module snippets');
  writeFileSync(
    path.join(folder, 'go.mod'),
    `${requirements}
require github.com/stackpressure/goroutines/collector v0.0.0
replace github.com/stackpressure/goroutines/collector => ${COLLECTOR}
`
  );
  copyFileSync(path.join(COLLECTOR, 'go.sum'), path.join(folder, 'go.sum'));
});
afterAll(() => rmSync(folder, { recursive: true }));

it.each([
  ['first metrics', firstMetrics()],
  ['the library', inProgram(library())],
  ['the live heap', inProgram(liveHeap())],
  ['the process collector', inProgram(processCollectors())],
  ['pprof', inProgram(pprofHandler())],
])('go vet finds nothing wrong with %s', (_, program) => {
  writeFileSync(path.join(folder, 'main.go'), program);
  const env = { ...process.env, GOWORK: 'off', GOFLAGS: '-mod=mod' };
  expect(() => execFileSync('go', ['vet', '.'], { cwd: folder, env, stdio: 'pipe' })).not.toThrow();
});
