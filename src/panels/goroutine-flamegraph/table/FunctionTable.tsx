import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Badge, Button, Icon, RadioButtonGroup, useStyles2 } from '@grafana/ui';
import React, { useEffect, useId, useMemo, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import type { FunctionRow } from '../../../calltree/byFunction';
import { originOf } from '../../../calltree/functionName';
import { printable } from '../../../calltree/printable';
import { SYNTHETIC_FUNCTIONS } from '../../../calltree/synthetic';
import type { CallTree } from '../../../calltree/tree';
import { formatChange } from '../words/describe';
import { CELL_PADDING, chooseColumns, type Column, digitsOf } from './columns';
import { fittingName } from './fittingName';
import {
  countRows,
  nextSort,
  passes,
  ROW_FILTERS,
  type RowFilter,
  type Sort,
  type SortKey,
  sortRows,
  tableRows,
} from './rows';
import { placeRows, ROW_HEIGHT, scrollToShow } from './rowsInView';

export interface FunctionTableProps {
  tree: CallTree;
  /** Name of the function whose row is marked. */
  selected: string | null;
  /** Which functions have a row; `null` for all. */
  search: ((functionName: string) => boolean) | null;
  onSelect(frame: number): void;
  /** With the unit. */
  format(value: number): string;
  /** Between the baseline and now; `null` where it is not known. */
  spanMinutes: number | null;
  hasBaseline: boolean;
  /** Whether amounts add up; false for means such as bytes per goroutine. */
  additive: boolean;
  /** In px. */
  width: number;
  height: number;
}

/**
 * The functions of a call tree with their figures. A table of its own, as Grafana's InteractiveTable goes back to the
 * first page at each refresh (react-table's `autoResetPage`, which it does not hand on) and cannot mark a row. All rows
 * are of one height, so which of 10,000 to draw is a division.
 */
export function FunctionTable(props: FunctionTableProps) {
  const { tree, selected, search, onSelect, format, hasBaseline, additive, width, height } = props;
  const spanMinutes = props.spanMinutes !== null && props.spanMinutes > 0 ? props.spanMinutes : null;
  const styles = useStyles2(getStyles);
  const scroller = useRef<HTMLDivElement>(null);
  const tabStop = useRef<HTMLButtonElement>(null);
  const [chosenFilter, setFilter] = useState<RowFilter>('all');
  const [chosenSort, setSort] = useState<Sort | null>(null);
  const [firstRow, setFirstRow] = useState(0);
  const [active, setActive] = useState<string | null>(null);

  const all = useMemo(() => tableRows(tree, additive), [tree, additive]);
  const digits = useMemo(() => digitsOf(all, format), [all, format]);
  const columns = useMemo(() => {
    const ofChange: SortKey[] = !hasBaseline ? [] : spanMinutes === null ? ['change'] : ['change', 'changePerMinute'];
    return chooseColumns(width, digits, ['function', 'self', 'total', ...ofChange]);
  }, [width, digits, hasBaseline, spanMinutes]);

  const filter = hasBaseline ? chosenFilter : 'all';
  const { by, descending } = possibleSort(chosenSort, hasBaseline, columns);
  const found = useMemo(() => (search ? all.filter((row) => search(row.function)) : all), [all, search]);
  const counts = useMemo(() => countRows(found), [found]);
  const rows = useMemo(() => {
    const passing = found.filter((row) => passes(row, filter));
    return sortRows(passing, { by, descending });
  }, [found, filter, by, descending]);

  const viewHeight = height - (hasBaseline ? FILTER_HEIGHT : 0) - ROW_HEIGHT;
  const indexOf = (name: string | null) => (name === null ? -1 : rows.findIndex((row) => row.function === name));
  const selectedIndex = indexOf(selected);
  const activeIndex = indexOf(active);
  const tabStopIndex = activeIndex >= 0 ? activeIndex : selectedIndex >= 0 ? selectedIndex : 0;
  const placed = placeRows(rows.length, firstRow, viewHeight, tabStopIndex);

  // Follows the selection, not the data: a refresh leaves the scroll position alone.
  const shown = useRef<string | null>(null);
  useEffect(() => {
    if (selected !== shown.current) {
      shown.current = selected;
      if (selectedIndex >= 0) {
        scrollTo(scroller.current, selectedIndex, viewHeight);
      }
    }
  }, [selected, selectedIndex, viewHeight]);

  const toTop = () => {
    if (scroller.current) {
      scroller.current.scrollTop = 0;
    }
  };

  const onKeyDown = (event: React.KeyboardEvent) => {
    const page = Math.max(Math.floor(viewHeight / ROW_HEIGHT) - 1, 1);
    const target = {
      ArrowDown: tabStopIndex + 1,
      ArrowUp: tabStopIndex - 1,
      PageDown: tabStopIndex + page,
      PageUp: tabStopIndex - page,
      Home: 0,
      End: rows.length - 1,
    }[event.key];
    if (target === undefined || event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    event.preventDefault();
    const index = Math.min(Math.max(target, 0), rows.length - 1);
    // The row is drawn, as the keyboard's always is, before it takes the focus.
    flushSync(() => setActive(rows[index].function));
    tabStop.current?.focus({ preventScroll: true });
    scrollTo(scroller.current, index, viewHeight);
  };

  return (
    <div className={styles.box} style={{ width, height }}>
      {hasBaseline && (
        <div className={styles.filter}>
          <RadioButtonGroup
            aria-label="Functions to show"
            size="sm"
            value={filter}
            options={ROW_FILTERS.map((value) => ({
              value,
              label: `${FILTER_LABELS[value]} ${width < COMPACT_BELOW ? COMPACT.format(counts[value]) : counts[value].toLocaleString('en')}`,
            }))}
            onChange={(value) => {
              setFilter(value);
              toTop();
            }}
          />
        </div>
      )}
      <div
        ref={scroller}
        className={styles.scroller}
        onScroll={(event) => setFirstRow(Math.floor(event.currentTarget.scrollTop / ROW_HEIGHT))}
      >
        <table className={styles.table} aria-label="Functions" aria-rowcount={rows.length + 1}>
          <colgroup>
            {columns.map(({ key, width: columnWidth }) => (
              <col key={key} style={key === 'function' ? undefined : { width: columnWidth }} />
            ))}
          </colgroup>
          <thead>
            <tr aria-rowindex={1}>
              {columns.map(({ key }) => (
                <Header
                  key={key}
                  column={key}
                  additive={additive}
                  sorted={key === by ? (descending ? 'descending' : 'ascending') : undefined}
                  onSort={() => {
                    setSort(nextSort({ by, descending }, key));
                    toTop();
                  }}
                />
              ))}
            </tr>
          </thead>
          <tbody onKeyDown={onKeyDown}>
            {placed.rows.map(({ index, gap }) => (
              <React.Fragment key={rows[index].function}>
                {gap > 0 && <Gap height={gap} columns={columns.length} />}
                <Row
                  row={rows[index]}
                  rowIndex={index + 2}
                  columns={columns}
                  isSelected={index === selectedIndex}
                  tabStop={index === tabStopIndex ? tabStop : null}
                  spanMinutes={spanMinutes}
                  format={format}
                  onSelect={onSelect}
                  onFocus={setActive}
                />
              </React.Fragment>
            ))}
            {placed.rest > 0 && <Gap height={placed.rest} columns={columns.length} />}
          </tbody>
        </table>
        {rows.length === 0 && (
          <div className={styles.empty} role="status">
            <span>
              {found.length === 0 ? (search ? 'No function matches the search.' : 'No functions.') : EMPTY[filter]}
            </span>
            {found.length > 0 && (
              <Button size="sm" variant="secondary" fill="text" onClick={() => setFilter('all')}>
                Show all
              </Button>
            )}
          </div>
        )}
      </div>
    </div>
  );
}

interface HeaderProps {
  column: SortKey;
  additive: boolean;
  sorted: 'ascending' | 'descending' | undefined;
  onSort(): void;
}

function Header({ column, additive, sorted, onSort }: HeaderProps) {
  const styles = useStyles2(getStyles);
  const { label, meaning } = (additive ? AMOUNTS : MEANS)[column];
  return (
    <th scope="col" aria-sort={sorted} className={cx(styles.header, column !== 'function' && styles.figure)}>
      <button type="button" title={meaning} onClick={onSort}>
        {label}
        {sorted && <Icon name={sorted === 'descending' ? 'angle-down' : 'angle-up'} size="sm" aria-hidden />}
      </button>
    </th>
  );
}

interface RowProps {
  row: FunctionRow;
  rowIndex: number;
  columns: readonly Column[];
  isSelected: boolean;
  /** For the row at which Tab enters. */
  tabStop: React.RefObject<HTMLButtonElement> | null;
  spanMinutes: number | null;
  format(value: number): string;
  onSelect(frame: number): void;
  onFocus(functionName: string): void;
}

function Row({ row, rowIndex, columns, isSelected, tabStop, spanMinutes, format, onSelect, onFocus }: RowProps) {
  const styles = useStyles2(getStyles);
  const badgeId = useId();
  const badge = row.appearance && BADGES[row.appearance];
  const isSynthetic = originOf(row.function) === 'synthetic';
  const fullName = printable(row.function);

  const cells: Record<SortKey, (columnWidth: number) => React.ReactNode> = {
    function: (columnWidth) => {
      const room = columnWidth - 2 * CELL_PADDING - (badge ? BADGE_WIDTH : 0);
      const { package: pkg, name } = fittingName(row.function, Math.floor(room / CHARACTER_WIDTH));
      return (
        <th key="function" scope="row" className={styles.cell}>
          <div className={styles.function}>
            <button
              ref={tabStop}
              type="button"
              tabIndex={tabStop ? 0 : -1}
              aria-label={fullName}
              aria-describedby={badge && !isSynthetic ? badgeId : undefined}
              title={isSynthetic ? (SYNTHETIC_FUNCTIONS.get(row.function) ?? NOT_A_FUNCTION) : fullName}
              className={cx(styles.name, isSynthetic && styles.synthetic)}
              onClick={() => onSelect(row.frame)}
              onFocus={() => onFocus(row.function)}
            >
              <bdi dir="ltr">
                {pkg !== '' && <span className={styles.package}>{pkg}</span>}
                {name}
              </bdi>
            </button>
            {badge && <Badge id={badgeId} className={styles.badge} text={badge.text} color={badge.color} />}
          </div>
        </th>
      );
    },
    self: () => <Figure key="self">{format(row.self)}</Figure>,
    total: () => <Figure key="total">{format(row.total)}</Figure>,
    change: () => (
      <Figure key="change" sign={Math.sign(row.change ?? 0)}>
        {formatChange(row.change, format)}
      </Figure>
    ),
    changePerMinute: () => (
      <Figure key="changePerMinute" sign={Math.sign(row.change ?? 0)}>
        {formatChange(row.change === undefined ? undefined : row.change / spanMinutes!, format)}
      </Figure>
    ),
  };
  return (
    <tr
      aria-rowindex={rowIndex}
      aria-current={isSelected || undefined}
      className={cx(styles.row, isSelected && styles.selected)}
    >
      {columns.map((column) => cells[column.key](column.width))}
    </tr>
  );
}

function Figure({ sign = 0, children }: { sign?: number; children: string }) {
  const styles = useStyles2(getStyles);
  return (
    <td
      className={cx(styles.cell, styles.figure, sign > 0 && styles.grown, sign < 0 && styles.shrunk)}
      title={children}
    >
      {children}
    </td>
  );
}

/** Stands for rows that are not drawn. */
function Gap({ height, columns }: { height: number; columns: number }) {
  return (
    <tr aria-hidden style={{ height }}>
      <td colSpan={columns} />
    </tr>
  );
}

/** The sort that a person chose, or the nearest that the columns allow; it comes back with them. */
function possibleSort(chosen: Sort | null, hasBaseline: boolean, columns: readonly Column[]): Sort {
  const isOfChange = chosen?.by === 'change' || chosen?.by === 'changePerMinute';
  if (chosen === null || (isOfChange && !hasBaseline)) {
    return { by: hasBaseline ? 'change' : 'total', descending: true };
  }
  const isShown = columns.some(({ key }) => key === chosen.by);
  return isOfChange && !isShown ? { by: 'change', descending: chosen.descending } : chosen;
}

function scrollTo(scroller: HTMLElement | null, index: number, viewHeight: number) {
  if (scroller) {
    scroller.scrollTop = scrollToShow(index, scroller.scrollTop, viewHeight);
  }
}

/** In px: the small radio buttons and a space below. */
const FILTER_HEIGHT = 32;
/** Width of the box below which the filter's counts are written as `12K`. */
const COMPACT_BELOW = 400;
const COMPACT = new Intl.NumberFormat('en', { notation: 'compact' });
/** Advance of the theme's monospaced font (0.6 em) at its small size, 12 px. */
const CHARACTER_WIDTH = 7.2;
/** Of the wider badge and the space before it. */
const BADGE_WIDTH = 46;

const NOT_A_FUNCTION = 'Stands for something other than a function';

const BADGES = {
  new: { text: 'new', color: 'orange' },
  vanished: { text: 'gone', color: 'blue' },
} as const;

const FILTER_LABELS: Record<RowFilter, string> = { all: 'All', grown: 'Grown', new: 'New', vanished: 'Vanished' };

const EMPTY: Record<RowFilter, string> = {
  all: 'No functions.',
  grown: 'No function has grown since the baseline.',
  new: 'No function is new since the baseline.',
  vanished: 'No function has vanished since the baseline.',
};

type Meanings = Record<SortKey, { label: string; meaning: string }>;

const CHANGES = {
  change: { label: 'Δ', meaning: 'Change since the baseline' },
  changePerMinute: { label: 'Δ/min', meaning: 'Change since the baseline, per minute' },
};

const AMOUNTS: Meanings = {
  function: { label: 'Function', meaning: 'All frames of a function together' },
  self: { label: 'Self', meaning: 'Of stacks that end in the function' },
  total: { label: 'Total', meaning: 'Of stacks that pass through the function, each counted once' },
  ...CHANGES,
};

const MEANS: Meanings = {
  function: AMOUNTS.function,
  self: { label: 'Self', meaning: 'Mean of the stacks that end in the function' },
  total: { label: 'Mean', meaning: 'Mean of the stacks that pass through the function' },
  ...CHANGES,
};

const getStyles = (theme: GrafanaTheme2) => ({
  box: css({
    display: 'flex',
    flexDirection: 'column',
    minWidth: 0,
    fontSize: theme.typography.bodySmall.fontSize,
    lineHeight: theme.typography.bodySmall.lineHeight,
  }),
  filter: css({ flex: 'none', height: FILTER_HEIGHT, overflowX: 'auto', overflowY: 'hidden' }),
  // Without the browser's own anchoring, which would follow a row that moves away at a refresh.
  scroller: css({ flex: '1 1 0', minHeight: 0, overflow: 'auto', overflowAnchor: 'none', position: 'relative' }),
  table: css({ width: '100%', tableLayout: 'fixed', borderCollapse: 'separate', borderSpacing: 0 }),
  header: css({
    position: 'sticky',
    top: 0,
    zIndex: 1,
    height: ROW_HEIGHT,
    padding: 0,
    background: theme.colors.background.primary,
    borderBottom: `1px solid ${theme.colors.border.weak}`,
    textAlign: 'left',
    button: {
      display: 'inline-flex',
      alignItems: 'center',
      gap: theme.spacing(0.25),
      width: '100%',
      height: ROW_HEIGHT - 1,
      padding: `0 ${CELL_PADDING}px`,
      border: 0,
      background: 'none',
      color: theme.colors.text.secondary,
      fontSize: 'inherit',
      fontWeight: theme.typography.fontWeightMedium,
      justifyContent: 'inherit',
      whiteSpace: 'nowrap',
      '&:hover': { color: theme.colors.text.primary },
      '&:focus-visible': focusRing(theme),
    },
  }),
  row: css({ height: ROW_HEIGHT, '&:hover': { background: theme.colors.action.hover } }),
  selected: css({
    background: theme.colors.action.selected,
    boxShadow: `inset 3px 0 0 ${theme.colors.primary.border}`,
  }),
  cell: css({
    height: ROW_HEIGHT,
    padding: `0 ${CELL_PADDING}px`,
    borderBottom: `1px solid ${theme.colors.border.weak}`,
    fontWeight: theme.typography.fontWeightRegular,
    textAlign: 'left',
    whiteSpace: 'nowrap',
    overflow: 'hidden',
    textOverflow: 'ellipsis',
  }),
  figure: css({ textAlign: 'right', justifyContent: 'flex-end', fontVariantNumeric: 'tabular-nums' }),
  function: css({
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(0.5),
    height: ROW_HEIGHT - 1,
    minWidth: 0,
  }),
  name: css({
    flex: '1 1 auto',
    minWidth: 0,
    height: '100%',
    padding: 0,
    border: 0,
    background: 'none',
    color: theme.colors.text.primary,
    fontFamily: theme.typography.fontFamilyMonospace,
    fontSize: 'inherit',
    textAlign: 'left',
    whiteSpace: 'pre',
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    '&:hover': { color: theme.colors.text.link },
    '&:focus-visible': focusRing(theme),
  }),
  package: css({ color: theme.colors.text.secondary }),
  synthetic: css({ fontStyle: 'italic', color: theme.colors.text.secondary }),
  badge: css({ flex: 'none' }),
  grown: css({ color: theme.colors.warning.text }),
  shrunk: css({ color: theme.colors.info.text }),
  empty: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(1),
    padding: CELL_PADDING,
    color: theme.colors.text.secondary,
  }),
});

/** Inside the element, as cells clip what is outside. */
function focusRing(theme: GrafanaTheme2) {
  return { outline: `2px solid ${theme.colors.primary.main}`, outlineOffset: -2 };
}
