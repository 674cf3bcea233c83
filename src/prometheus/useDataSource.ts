import { getDataSourceSrv } from '@grafana/runtime';
import { useSearchParams } from 'react-router-dom';
import { DATA_SOURCE_PARAMETER } from '../routes';
import { useSettings } from '../settings';

export interface ChosenDataSource {
  /** Undefined where the person may use no Prometheus data source. */
  uid: string | undefined;
  name: string;
  choose(uid: string): void;
}

/**
 * The data source that a page asks: of the URL, else the configured one, else Grafana's default if that is a Prometheus,
 * else the first one.
 */
export function useDataSource(): ChosenDataSource {
  const [parameters, setParameters] = useSearchParams();
  const { dataSourceUid } = useSettings();
  const available = getDataSourceSrv().getList({ type: 'prometheus' });
  const byUid = (wanted?: string | null) => available.find(({ uid }) => uid === wanted);
  const chosen =
    byUid(parameters.get(DATA_SOURCE_PARAMETER)) ??
    byUid(dataSourceUid) ??
    available.find(({ isDefault }) => isDefault) ??
    available[0];
  return {
    uid: chosen?.uid,
    name: chosen?.name ?? '',
    choose: (uid) =>
      setParameters((before) => {
        before.set(DATA_SOURCE_PARAMETER, uid);
        return before;
      }),
  };
}
