/** The part of @grafana/flamegraph 13.0.1 that is measured; it is installed in a folder of its own. */
declare module '@grafana/flamegraph' {
  import type { DataFrame, GrafanaTheme2 } from '@grafana/data';
  import type { ReactNode } from 'react';

  interface Props {
    /** Fields `level`, `value`, `self` and `label`, in preorder. */
    data: DataFrame;
    getTheme(): GrafanaTheme2;
    /** Without the header, the table, and the menu that a click opens. */
    showFlameGraphOnly?: boolean;
    disableCollapsing?: boolean;
  }

  export function FlameGraph(props: Props): ReactNode;
}
