/** The oldest Prometheus that knows every function and modifier of our queries. */
export const OLDEST_PROMETHEUS = '2.33';

/** What GET /api/v1/status/buildinfo says in `data`; Mimir, VictoriaMetrics and Thanos say other things there. */
export interface BuildInfo {
  application?: string;
  version?: string;
  revision?: string;
}

/**
 * The version if it is of a Prometheus that is too old; undefined otherwise, and where something else than Prometheus
 * answers: Mimir names itself in `application`, VictoriaMetrics gives an old version without a revision to please Grafana,
 * and Thanos is at 0.x.
 */
export function tooOldPrometheus({ application, version = '', revision }: BuildInfo): string | undefined {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version)?.map(Number) ?? [];
  if (application || !revision || !major) {
    return undefined;
  }
  const [oldestMajor, oldestMinor] = OLDEST_PROMETHEUS.split('.').map(Number);
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor) ? version : undefined;
}
