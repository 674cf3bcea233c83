/** Where Go programs get their functions from, the program's own packages first; a package has many functions. */
const PACKAGES = [
  'github.com/acme/shop/checkout',
  'github.com/acme/shop/ledger',
  'github.com/acme/shop/internal/inventory',
  'github.com/acme/shop/internal/pricing',
  'github.com/acme/shop/pkg/eventbus',
  'main',
  'net/http',
  'database/sql',
  'encoding/json',
  'google.golang.org/grpc',
  'google.golang.org/grpc/internal/transport',
  'github.com/jackc/pgx/v5/pgconn',
  'github.com/redis/go-redis/v9',
  'github.com/twmb/franz-go/pkg/kgo',
  'go.opentelemetry.io/otel/sdk/trace',
  'k8s.io/client-go/tools/cache',
  'sync',
  'runtime',
];
const TYPES = [
  'Server',
  'conn',
  'Client',
  'Worker',
  'pool',
  'Stream',
  'Reader',
  'batchWriter',
  'Session',
  'reconciler',
];
const VERBS = [
  'Serve',
  'handle',
  'read',
  'write',
  'Flush',
  'Exec',
  'poll',
  'dispatch',
  'Acquire',
  'await',
  'run',
  'Do',
];
const NOUNS = [
  'Request',
  'Loop',
  'Batch',
  'Context',
  'Frame',
  'Row',
  'Message',
  'Order',
  'Span',
  'Lock',
  'Event',
  'All',
];
const SUFFIXES = ['', '', '', '.func1', '.func2', '[...]'];

/** Distinct names such as `github.com/acme/shop/checkout.(*Worker).handleOrder.func1`. */
export function functionNames(count: number, random: () => number): string[] {
  const pick = (from: string[]) => from[Math.floor(random() * from.length)];
  const names = new Set<string>();
  while (names.size < count) {
    const receiver = random() < 0.6 ? `(*${pick(TYPES)}).` : '';
    const name = `${pick(PACKAGES)}.${receiver}${pick(VERBS)}${pick(NOUNS)}`;
    const full = name + pick(SUFFIXES);
    // Real programs never run out of names; ours do at some thousands.
    names.add(names.has(full) ? `${name}V${names.size}` : full);
  }
  return [...names];
}

/** What the name's package ends in, as a regular expression that a person would type to find its functions. */
export function packageExpression(name: string): string {
  const [, last] = /([^/]+?)\.(?:\(|[A-Za-z]+)/.exec(name.slice(name.lastIndexOf('/') + 1))!;
  return `${last}\\.`;
}
