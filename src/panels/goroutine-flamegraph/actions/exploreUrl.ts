import { type DataQueryRequest, locationUtil, type TimeRange, urlUtil } from '@grafana/data';
import { getDataSourceSrv } from '@grafana/runtime';

/**
 * Explore with a panel's query, its variables filled in.
 * @throws Error where the data source is gone or may not be used
 */
export async function exploreUrl(request: DataQueryRequest, refId: string, range: TimeRange): Promise<string> {
  const target = request.targets.find((each) => each.refId === refId);
  if (!target) {
    throw new Error(`There is no query ${refId}.`);
  }
  const source = await getDataSourceSrv().get(target.datasource, request.scopedVars);
  const filledIn = source.interpolateVariablesInQueries?.([target], request.scopedVars ?? {}) ?? [target];
  const queries = filledIn.map((query) => ({ ...query, datasource: source.getRef() }));
  const panes = { a: { datasource: source.uid, queries, range: rawRange(range) } };
  return locationUtil.assureBaseUrl(urlUtil.renderUrl('/explore', { schemaVersion: 1, panes: JSON.stringify(panes) }));
}

function rawRange({ raw: { from, to } }: TimeRange) {
  const text = (time: typeof from) => (typeof time === 'string' ? time : String(time.valueOf()));
  return { from: text(from), to: text(to) };
}
