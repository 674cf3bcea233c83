import { css } from '@emotion/css';
import { formattedValueToString, type GrafanaTheme2, type PanelProps } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { Icon, useStyles2, useTheme2 } from '@grafana/ui';
import React, { startTransition, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { isOfRuntime } from '../../calltree/functionName';
import { type Zoom, zoomFromText, zoomThatShows, zoomToText } from '../../calltree/layout';
import { summarize } from '../../calltree/summary';
import { ROOT_NODE } from '../../calltree/synthetic';
import { buildCallTree, type CallTree, changeOf, functionName, isComparable } from '../../calltree/tree';
import { copyText } from './actions/copyText';
import { FrameMenu } from './actions/FrameMenu';
import { variableValue } from './baseline/baseline';
import type { ChosenBaseline } from './baseline/useBaseline';
import { describeFacts, factsOf, formatChange, formatShare, MEASURED } from './words/describe';
import { displayOf } from './words/display';
import { FrameTooltip } from './FrameTooltip';
import { FlameGraph, type FlameGraphHandle, type Pointed } from './graph/FlameGraph';
import type { GraphAction } from './graph/keyboard';
import { useFrameFill } from './graph/useFrameFill';
import { useFrameLabel } from './graph/useFrameLabel';
import { MeasuredBox } from './MeasuredBox';
import { notesOf } from './words/notes';
import { type PanelOptions, splitModules } from './options';
import { hasSeries, measuredBy, type Queries, type WithSeries } from './queries/queries';
import { roundRate } from './words/roundRate';
import { describeFound, describeZoom, shareOfZoomed } from './words/status';
import { FunctionTable } from './table/FunctionTable';
import { colorsFor, isAvailable, measuresFor, resolveColor } from './toolbar/choices';
import { Legend } from './toolbar/Legend';
import { Toolbar } from './toolbar/Toolbar';
import { useSettings } from './toolbar/useSettings';
import { TrendOfFrame } from './trend/TrendOfFrame';
import { pictureName, usePicture } from './export/usePicture';
import { useSearch } from './useSearch';
import { useZoomHistory } from './useZoomHistory';

interface Props extends Omit<PanelProps, 'options'> {
  options: PanelOptions;
  /** Whose query A has series. */
  queries: Queries;
  chosenBaseline: ChosenBaseline;
}

/** From this width on, in px, graph and table stand side by side. */
const ROOM_FOR_BOTH = 1100;
const ROOM_FOR_LEGEND = 700;

/** A call tree with all that can be done with it. */
export function CallTreeView(props: Props) {
  const { id, title, data, timeRange, timeZone, width, options, queries, chosenBaseline, replaceVariables } = props;
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const graph = useRef<FlameGraphHandle>(null);
  const searchInput = useRef<HTMLInputElement>(null);
  const [settings, changeSettings] = useSettings(options);
  const { view, collapseRuntime, showVanished } = settings;

  const { baseline } = chosenBaseline;
  const isCompared = baseline !== undefined;
  const measures = measuresFor(hasSeries(queries.bytes));
  const measure = isAvailable(measures, settings.measure) ? settings.measure : 'goroutines';
  const { shown, refId, input } = useMemo(
    () => measuredBy(measure, queries, options, isCompared)!,
    [measure, queries, options, isCompared]
  );
  const tree = useMemo(
    () => buildCallTree({ ...input, showVanished, isCollapsed: collapseRuntime ? isOfRuntime : undefined }),
    [input, showVanished, collapseRuntime]
  );
  const compared = isComparable(tree);
  const since = compared ? baseline?.since : undefined;
  const minutes = compared ? baseline?.minutes : undefined;

  const display = useMemo(() => displayOf(shown.valueField, measure, theme), [shown, measure, theme]);
  const format = useCallback((value: number) => formattedValueToString(display(value)), [display]);

  const history = useZoomHistory(id);
  const zoom = useMemo(() => zoomFromText(tree, history.zoomed), [tree, history.zoomed]);
  const zoomTo = (to: Zoom) => history.go({ to: zoomToText(tree, to) });
  const [activeNode, setActiveNode] = useState(ROOT_NODE);
  const active = tree.frameOf(activeNode) ?? 0;
  const activate = (frame: number) => setActiveNode(tree.nodes[frame]);
  const show = (frame: number) => {
    activate(frame);
    zoomTo(zoomThatShows(tree, zoom, frame, width));
  };

  const fillIn = (text: string) => replaceVariables(text, data.request?.scopedVars);
  const { functionVariable } = options;
  const askedFunction = variableValue(functionVariable, fillIn);
  const search = useSearch(tree, askedFunction ?? '');
  const { found } = search;
  const showMatch = (step: 1 | -1) => {
    const match = search.next(active, step);
    if (match !== undefined) {
      show(match);
    }
  };

  const ownModules = useMemo(() => splitModules(options.ownModules), [options.ownModules]);
  const largestChange = useMemo(() => (compared ? largestChangeOf(tree) : 0), [tree, compared]);
  const colors = colorsFor(compared, shown.valueField.config.thresholds?.steps.length ?? 0);
  const colorBy = resolveColor(settings.colorBy, colors);
  const fill = useFrameFill({ tree, colorBy, ownModules, found, largestChange, display });
  const label = useFrameLabel(tree, compared, format);
  const describe = useCallback(
    (frame: number, smaller: number) => describeFacts(factsOf(tree, frame, smaller), format, measure, since),
    [tree, format, measure, since]
  );

  // Its buttons take longer than all of the graph, so they come once that is seen.
  const [isPainted, setPainted] = useState(false);
  useEffect(() => startTransition(() => setPainted(true)), []);

  const [menu, setMenu] = useState<Pointed | null>(null);
  const onAction = (action: GraphAction) => {
    switch (action.do) {
      case 'back':
      case 'forward':
        return history.go(action.do);
      case 'search':
        return searchInput.current?.focus();
      case 'next match':
        return showMatch(action.step);
      default:
    }
  };
  const canReset = zoom.frame !== 0 || search.text !== '' || active !== 0;
  const reset = () => {
    zoomTo({ frame: 0, smaller: false });
    setActiveNode(ROOT_NODE);
    search.setText('');
    if (askedFunction) {
      locationService.partial({ [`var-${functionVariable}`]: '' }, true);
    }
  };

  const summary = () =>
    summarize(tree, zoom.frame, {
      measured: MEASURED[measure],
      format,
      formatChange: (change) => formatChange(roundRate(change), format),
      formatShare,
      since,
      minutes,
      url: window.location.href,
    });
  const picture = usePicture({
    tree,
    zoom,
    width,
    fill,
    label,
    name: () => pictureName(title, timeRange.to.toDate()),
    description: summary,
  });

  const tooltip = ({ frame, smaller, at }: Pointed) => (
    <FrameTooltip
      facts={factsOf(tree, frame, smaller)}
      shareOfZoomed={shareOfZoomed(tree, zoom, frame, smaller)}
      hint={smaller > 0 ? 'Frames that are too narrow to be drawn one by one. Click to see them.' : undefined}
      at={at}
      measure={measure}
      since={since}
      minutes={minutes}
      format={format}
    >
      {smaller === 0 && frame !== 0 && measure !== 'bytesPerGoroutine' && (
        <TrendOfFrame
          request={data.request}
          refId={refId}
          node={tree.nodes[frame]}
          timeRange={timeRange}
          timeZone={timeZone}
          format={format}
        />
      )}
    </FrameTooltip>
  );

  const notes = useMemo(() => notesOf(tree, queries, baseline, format), [tree, queries, baseline, format]);
  const words = { measure, format, since, minutes };
  const sideBySide = view === 'both' && width >= ROOM_FOR_BOTH;
  return (
    <>
      <div className={styles.toolbar}>
        {isPainted && (
          <Toolbar
            width={width}
            timeZone={timeZone}
            searchInput={searchInput}
            search={search}
            history={history}
            chosenBaseline={chosenBaseline}
            compared={compared}
            settings={{ ...settings, measure, colorBy }}
            measures={measures}
            colors={colors}
            onSettings={changeSettings}
            onStep={showMatch}
            onLeaveSearch={() => graph.current?.focus()}
            onReset={canReset ? reset : undefined}
            share={{
              onCopySummary: () => copyText(summary(), 'the summary'),
              onExportSvg: picture.saveSvg,
              onExportPng: picture.savePng,
            }}
          />
        )}
      </div>
      <div className={styles.statusLine}>
        <div className={search.error ? styles.invalid : styles.status} role="status" data-testid="flame-graph-status">
          {search.error
            ? `${search.error}. Press .* to search for words.`
            : found
              ? describeFound(tree, found, active, format)
              : describeZoom(tree, zoom, words)}
        </div>
        {colorBy === 'growth' && width >= ROOM_FOR_LEGEND && <Legend largest={largestChange} format={format} />}
      </div>
      <div className={sideBySide ? styles.sideBySide : styles.stacked}>
        {view !== 'table' && (
          <FlameGraph
            ref={graph}
            tree={tree}
            zoom={zoom}
            active={active}
            panelWidth={width}
            fill={fill}
            label={label}
            describe={describe}
            onZoom={zoomTo}
            onActive={activate}
            onAction={onAction}
            onMenu={setMenu}
            tooltip={tooltip}
          />
        )}
        {view !== 'graph' && (
          <MeasuredBox>
            {(size) => (
              <FunctionTable
                tree={tree}
                selected={active === 0 ? null : functionName(tree, active)}
                search={search.matches}
                onSelect={show}
                format={format}
                spanMinutes={minutes ?? null}
                hasBaseline={compared}
                additive={!tree.per}
                {...size}
              />
            )}
          </MeasuredBox>
        )}
      </div>
      {notes.length > 0 && (
        <div className={styles.notes} role="note" title={notes.join('\n')}>
          <Icon name="exclamation-triangle" size="sm" /> {notes.join(' ')}
        </div>
      )}
      {menu && (
        <FrameMenu
          tree={tree}
          pointed={menu}
          name={factsOf(tree, menu.frame, menu.smaller).name}
          request={data.request}
          refId={refId}
          timeRange={timeRange}
          functionVariable={askedFunction === undefined ? undefined : functionVariable}
          sourceTemplate={fillIn(options.sourceUrl)}
          links={menu.smaller > 0 ? [] : linksOf(tree, menu.frame, shown)}
          onClose={() => {
            setMenu(null);
            graph.current?.focus();
          }}
          onZoom={() => zoomTo({ frame: menu.frame, smaller: menu.smaller > 0 })}
          onSearch={search.searchFunction}
        />
      )}
    </>
  );
}

function largestChangeOf(tree: CallTree): number {
  let largest = 0;
  for (let frame = 0; frame < tree.size; frame++) {
    largest = Math.max(largest, Math.abs(changeOf(tree, frame)!));
  }
  return largest;
}

/** Data links of the frame's own row. */
function linksOf(tree: CallTree, frame: number, { cellOf }: WithSeries) {
  const row = tree.row[frame];
  if (row < 0) {
    return [];
  }
  const { field, rowIndex } = cellOf(row);
  return field.getLinks?.({ valueRowIndex: rowIndex }) ?? [];
}

const getStyles = (theme: GrafanaTheme2) => {
  const status = {
    flex: '1 1 0',
    minWidth: 0,
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    fontVariantNumeric: 'tabular-nums',
  } as const;
  return {
    // As high as its buttons, which come later.
    toolbar: css({ height: theme.spacing(theme.components.height.md), flexShrink: 0 }),
    statusLine: css({ display: 'flex', alignItems: 'center', gap: theme.spacing(2), flexShrink: 0 }),
    status: css(status),
    invalid: css({ ...status, color: theme.colors.error.text }),
    stacked: css({ flex: '1 1 0', minHeight: 0, display: 'flex', flexDirection: 'column', gap: theme.spacing(1) }),
    sideBySide: css({ flex: '1 1 0', minHeight: 0, display: 'flex', gap: theme.spacing(1) }),
    notes: css({
      flexShrink: 0,
      maxHeight: '4.5em',
      overflow: 'auto',
      color: theme.colors.warning.text,
      fontSize: theme.typography.bodySmall.fontSize,
    }),
  };
};
