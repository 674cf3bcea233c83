import {
  applyFieldOverrides,
  type DataFrame,
  type DataQueryRequest,
  EventBusSrv,
  type FieldConfigSource,
  getDefaultTimeRange,
  identityOverrideProcessor,
  LoadingState,
  type PanelData,
  type PanelPlugin,
  standardFieldConfigEditorRegistry,
} from '@grafana/data';
import { useTheme2 } from '@grafana/ui';
import React, { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { DASHBOARD_PANELS } from '../../src/constants';

interface Props {
  plugin: PanelPlugin;
  frames: DataFrame[];
  title: string;
  /** What the frames answer; without it, the panel is as in a snapshot. */
  request?: DataQueryRequest;
  /** What else Grafana says of the answer. */
  answer?: Pick<Partial<PanelData>, 'state' | 'errors'>;
  options?: object;
  /** The dashboard's variables. */
  variables?: Record<string, string>;
}

/** In px. */
interface Size {
  width: number;
  height: number;
}

const FIELD_CONFIG: FieldConfigSource = { defaults: { unit: 'locale' }, overrides: [] };
const eventBus = new EventBusSrv();
const NO_OPTIONS = {};
const NO_VARIABLES: Record<string, string> = {};
const ignore = () => undefined;

// Grafana itself registers its standard options, not its packages; without the unit, numbers would have no separators.
standardFieldConfigEditorRegistry.setInit(() => [
  {
    id: 'unit',
    path: 'unit',
    name: 'Unit',
    description: '',
    editor: () => null,
    override: () => null,
    process: identityOverrideProcessor,
    shouldApply: () => true,
  },
]);

/** The panel, as large as the element is in which it stands. */
export function FlameGraphStage(props: Props) {
  const element = useRef<HTMLDivElement>(null);
  const size = useSize(element);
  return (
    <div ref={element} style={{ height: '100%' }}>
      {size.width > 0 && <SizedFlameGraph {...props} {...size} />}
    </div>
  );
}

/** Gives the panel what Grafana's PanelRenderer gives, in a size that is known beforehand. */
export function SizedFlameGraph(props: Props & Size) {
  const {
    plugin,
    frames,
    title,
    request,
    answer,
    options = NO_OPTIONS,
    variables = NO_VARIABLES,
    width,
    height,
  } = props;
  const theme = useTheme2();
  const replaceVariables = useCallback(
    (text: string) => text.replace(/\$\{(\w+)\}|\$(\w+)/g, (whole, braced, bare) => variables[braced ?? bare] ?? whole),
    [variables]
  );
  const data = useMemo(
    () => ({
      state: LoadingState.Done,
      ...answer,
      series: applyFieldOverrides({
        data: frames,
        fieldConfig: FIELD_CONFIG,
        fieldConfigRegistry: plugin.fieldConfigRegistry,
        replaceVariables,
        theme,
      }),
      request,
      timeRange: request?.range ?? getDefaultTimeRange(),
    }),
    [frames, plugin, theme, request, answer, replaceVariables]
  );
  const Panel = plugin.panel!;
  return (
    <Panel
      id={DASHBOARD_PANELS.flameGraph}
      title={title}
      data={data}
      timeRange={data.timeRange}
      timeZone="browser"
      options={options}
      fieldConfig={FIELD_CONFIG}
      transparent={false}
      width={width}
      height={height}
      renderCounter={0}
      eventBus={eventBus}
      replaceVariables={replaceVariables}
      onOptionsChange={ignore}
      onFieldConfigChange={ignore}
      onChangeTimeRange={ignore}
    />
  );
}

function useSize(element: React.RefObject<HTMLElement | null>): Size {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  useEffect(() => {
    const observer = new ResizeObserver(([{ contentRect }]) =>
      setSize({ width: Math.floor(contentRect.width), height: Math.floor(contentRect.height) })
    );
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, [element]);
  return size;
}
