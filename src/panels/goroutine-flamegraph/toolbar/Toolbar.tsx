import { css } from '@emotion/css';
import type { GrafanaTheme2, PanelProps } from '@grafana/data';
import { RadioButtonGroup, ToolbarButton, useStyles2 } from '@grafana/ui';
import React, { type RefObject } from 'react';
import { BaselinePicker } from '../baseline/BaselinePicker';
import type { ChosenBaseline } from '../baseline/useBaseline';
import type { ColorBy, Measure } from '../options';
import type { TreeSearch } from '../useSearch';
import type { ZoomHistory } from '../useZoomHistory';
import { type Choice, isAvailable, VIEWS } from './choices';
import { SearchBox } from './SearchBox';
import { type Settings, SettingsMenu } from './SettingsMenu';
import { ShareMenu } from './ShareMenu';

interface Props {
  /** Of the panel, in px. */
  width: number;
  timeZone: PanelProps['timeZone'];
  searchInput: RefObject<HTMLInputElement>;
  search: TreeSearch;
  history: ZoomHistory;
  chosenBaseline: ChosenBaseline;
  /** Whether there is data of the baseline. */
  compared: boolean;
  settings: Settings;
  measures: Array<Choice<Measure>>;
  colors: Array<Choice<ColorBy>>;
  onSettings(change: Partial<Settings>): void;
  onStep(step: 1 | -1): void;
  onLeaveSearch(): void;
  /** `undefined` where there is nothing to reset. */
  onReset: (() => void) | undefined;
  share: React.ComponentProps<typeof ShareMenu>;
}

/** From these widths on, in px, there is room for what is in a menu too. */
const ROOM_FOR_HISTORY = 560;
const ROOM_FOR_VIEWS = 760;
const ROOM_FOR_MEASURES = 1040;

export function Toolbar(props: Props) {
  const { width, timeZone, searchInput, search, history, chosenBaseline, compared, settings, measures, colors } = props;
  const { onSettings, onStep, onLeaveSearch, onReset, share } = props;
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.toolbar}>
      <SearchBox
        ref={searchInput}
        text={search.text}
        mode={search.mode}
        invalid={search.error !== undefined}
        matches={search.found?.frames.length ?? 0}
        onText={search.setText}
        onMode={search.setMode}
        onStep={onStep}
        onLeave={onLeaveSearch}
      />
      <div className={styles.group}>
        {width >= ROOM_FOR_HISTORY && (
          <>
            <ToolbarButton
              icon="arrow-left"
              variant="canvas"
              tooltip="Zoom back ( [ in the graph)"
              aria-label="Zoom back"
              disabled={!history.canGoBack}
              onClick={() => history.go('back')}
            />
            <ToolbarButton
              icon="arrow-right"
              variant="canvas"
              tooltip="Zoom forward ( ] in the graph)"
              aria-label="Zoom forward"
              disabled={!history.canGoForward}
              onClick={() => history.go('forward')}
            />
          </>
        )}
        <ToolbarButton
          icon="times"
          variant="canvas"
          tooltip="Show all goroutines and clear the search"
          aria-label="Reset"
          disabled={!onReset}
          onClick={onReset}
        />
      </div>
      <div className={styles.right}>
        <BaselinePicker
          baseline={chosenBaseline.baseline}
          modifier={chosenBaseline.modifier}
          disabled={chosenBaseline.fixed}
          timeZone={timeZone}
          iconOnly={width < ROOM_FOR_VIEWS}
          beforeLastRestart={chosenBaseline.beforeLastRestart}
          onChoose={chosenBaseline.choose}
        />
        {width >= ROOM_FOR_MEASURES && isAvailable(measures, 'bytes') && (
          <RadioButtonGroup
            aria-label="Width of frames"
            options={measures.map(({ value, label }) => ({ value, label }))}
            value={settings.measure}
            onChange={(measure) => onSettings({ measure })}
          />
        )}
        {width >= ROOM_FOR_VIEWS && (
          <RadioButtonGroup
            aria-label="Graph or table"
            options={VIEWS.map(({ value, label }) => ({ value, label }))}
            value={settings.view}
            onChange={(view) => onSettings({ view })}
          />
        )}
        <div className={styles.group}>
          <SettingsMenu
            settings={settings}
            measures={measures}
            colors={colors}
            hasBaseline={compared}
            onChange={onSettings}
          />
          <ShareMenu {...share} />
        </div>
      </div>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  toolbar: css({ display: 'flex', alignItems: 'center', gap: theme.spacing(1), minWidth: 0, flexShrink: 0 }),
  group: css({ display: 'flex', alignItems: 'center', flexShrink: 0 }),
  right: css({ display: 'flex', alignItems: 'center', gap: theme.spacing(1), marginLeft: 'auto', flexShrink: 0 }),
});
