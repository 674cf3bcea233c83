import { css } from '@emotion/css';
import { useStyles2 } from '@grafana/ui';
import React from 'react';
import { type Layout, rectangleOf } from '../../../calltree/layout';
import { type CallTree, pathTo } from '../../../calltree/tree';
import { ROW_HEIGHT } from './scene';

interface Props {
  tree: CallTree;
  layout: Layout;
  /** Of the active frame. */
  rectangle: number;
  idOf(frame: number): string;
  describe(frame: number, smaller: number): string;
}

/** A screen reader needs what is around the active frame, and a page of 1,000 elements a panel would be slow for all. */
const MOST_NEIGHBOURS = 40;

/**
 * The graph for those who cannot see it: the active frame, its callers, siblings and callees, as a tree whose items lie
 * over their rectangles.
 */
export function TreeItems({ tree, layout, rectangle, idOf, describe }: Props) {
  const styles = useStyles2(getStyles);
  return (
    <>
      {neighbours(tree, layout, rectangle).map((at) => {
        const frame = layout.frame[at];
        const smaller = layout.smaller[at];
        const callees = tree.children[frame];
        const caller = tree.parent[frame];
        return (
          <div
            key={tree.nodes[frame]}
            id={idOf(frame)}
            role="treeitem"
            data-node={tree.nodes[frame]}
            className={styles.item}
            style={{
              left: layout.x[at],
              top: tree.level[frame] * ROW_HEIGHT,
              width: layout.width[at],
              height: ROW_HEIGHT,
            }}
            aria-label={describe(frame, smaller)}
            aria-level={tree.level[frame] + 1}
            aria-posinset={tree.sibling[frame] + 1}
            aria-setsize={caller < 0 ? 1 : tree.children[caller]}
            aria-selected={at === rectangle}
            aria-expanded={callees > 0 && smaller === 0 ? true : undefined}
          />
        );
      })}
    </>
  );
}

function neighbours(tree: CallTree, layout: Layout, rectangle: number): number[] {
  const frame = layout.frame[rectangle];
  const row = tree.level[frame];
  const callers = pathTo(tree, frame)
    .slice(0, -1)
    .map((caller) => rectangleOf(tree, layout, caller))
    .filter((at) => at >= 0);
  return [
    ...callers.slice(-MOST_NEIGHBOURS),
    ...around(layout, row, rectangle),
    ...calleesOf(tree, layout, frame, row + 1),
  ];
}

function around({ rowStart }: Layout, row: number, rectangle: number): number[] {
  const from = Math.max(rowStart[row], rectangle - MOST_NEIGHBOURS / 2);
  const to = Math.min(rowStart[row + 1], rectangle + MOST_NEIGHBOURS / 2 + 1);
  return Array.from({ length: to - from }, (_, i) => from + i);
}

function calleesOf(tree: CallTree, layout: Layout, frame: number, row: number): number[] {
  const callees: number[] = [];
  const end = layout.rowStart[row + 1] ?? 0;
  for (let at = layout.rowStart[row] ?? 0; at < end && callees.length < MOST_NEIGHBOURS; at++) {
    if (tree.parent[layout.frame[at]] === frame) {
      callees.push(at);
    }
  }
  return callees;
}

const getStyles = () => ({
  item: css({ position: 'absolute', pointerEvents: 'none' }),
});
