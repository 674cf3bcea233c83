import {
  applyFieldOverrides,
  type DataFrame,
  EventBusSrv,
  type FieldConfigSource,
  getDefaultTimeRange,
  identityOverrideProcessor,
  LoadingState,
  type PanelPlugin,
  standardFieldConfigEditorRegistry,
} from '@grafana/data';
import { useTheme2 } from '@grafana/ui';
import React, { useEffect, useMemo, useRef, useState } from 'react';
import { DASHBOARD_PANELS } from '../../src/constants';

interface Props {
  plugin: PanelPlugin;
  frames: DataFrame[];
  title: string;
}

const FIELD_CONFIG: FieldConfigSource = { defaults: { unit: 'locale' }, overrides: [] };
const eventBus = new EventBusSrv();
const replaceVariables = (text: string) => text;
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

/** Gives the panel what Grafana's PanelRenderer gives, as large as the element is in which it stands. */
export function FlameGraphStage({ plugin, frames, title }: Props) {
  const theme = useTheme2();
  const element = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(element);
  const data = useMemo(
    () => ({
      state: LoadingState.Done,
      series: applyFieldOverrides({
        data: frames,
        fieldConfig: FIELD_CONFIG,
        fieldConfigRegistry: plugin.fieldConfigRegistry,
        replaceVariables,
        theme,
      }),
      timeRange: getDefaultTimeRange(),
    }),
    [frames, plugin, theme]
  );
  const Panel = plugin.panel!;
  return (
    <div ref={element} style={{ height: '100%' }}>
      {width > 0 && (
        <Panel
          id={DASHBOARD_PANELS.flameGraph}
          title={title}
          data={data}
          timeRange={data.timeRange}
          timeZone="browser"
          options={{}}
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
      )}
    </div>
  );
}

/** In px. */
function useSize(element: React.RefObject<HTMLElement | null>) {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const observer = new ResizeObserver(([{ contentRect }]) =>
      setSize({ width: Math.floor(contentRect.width), height: Math.floor(contentRect.height) })
    );
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, [element]);
  return size;
}
