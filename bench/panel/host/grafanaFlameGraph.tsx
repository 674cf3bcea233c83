import '../../../demo/preview/bootData';
import { createTheme, type DataFrame, ThemeContext } from '@grafana/data';
import { FlameGraph } from '@grafana/flamegraph';
import { PortalContainer } from '@grafana/ui';
import React from 'react';
import { createRoot } from 'react-dom/client';
import type { Subject } from '../data/callTree';
import { lastPaintedAt } from './canvas';
import { columnsOf } from './columns';
import { CONVERT, drive } from './drive';
import type { Implementation, Step } from './implementation';
import { nestedSetOf, preorderOf } from './nestedSet';
import { loadStyles } from './styles';

/** `PIXELS_PER_LEVEL` of @grafana/flamegraph, in px. */
const ROW_HEIGHT = 22;

const theme = createTheme({ colors: { mode: 'dark' } });
const getTheme = () => theme;

class GrafanaFlameGraph implements Implementation {
  private frame!: DataFrame;
  private stage!: HTMLElement;
  private mountedAt = 0;
  /** When the menu's “Focus block” was chosen. */
  private focusedAt = Infinity;

  mount(frame: DataFrame, stage: HTMLElement, step: Step) {
    const start = performance.now();
    const data = nestedSetOf(frame);
    performance.measure(CONVERT, { start });
    Object.assign(this, { frame, stage, mountedAt: start });
    // What it shows least with; but then it has neither a search nor the menu that zooms.
    const graphOnly = step === 'first_paint' || step === 'hover';
    createRoot(stage).render(
      <ThemeContext.Provider value={theme}>
        <FlameGraph data={data} getTheme={getTheme} showFlameGraphOnly={graphOnly} disableCollapsing />
        <PortalContainer />
      </ThemeContext.Provider>
    );
  }

  isDrawn() {
    return this.canvas() !== null && lastPaintedAt() > this.mountedAt;
  }

  /** Without the table of functions that is beside it at first. */
  async prepare(step: Step) {
    if (step === 'zoom' || step === 'search') {
      const start = performance.now();
      this.stage.querySelector<HTMLElement>('label[title="Only show flame graph"]')!.click();
      while (this.canvas()?.clientWidth !== this.stage.clientWidth || lastPaintedAt() < start) {
        await new Promise(requestAnimationFrame);
      }
    }
  }

  placeOf(node: string) {
    const columns = columnsOf(this.frame);
    const { rows, levels } = preorderOf(this.frame);
    const canvas = this.canvas()!.getBoundingClientRect();
    const asked = rows.findIndex((row) => columns.node[row] === node);
    const all = sum(columns.value.filter((_, row) => columns.parent[row] === ''));
    // Left of the frame are its earlier siblings, those of its caller, and so on.
    let before = 0;
    for (let i = asked - 1, level = levels[asked]; i > 0; i--) {
      if (levels[i] === level) {
        before += columns.value[rows[i]];
      }
      level = Math.min(level, levels[i]);
    }
    const center = (before + columns.value[rows[asked]] / 2) / all;
    return { x: canvas.left + center * canvas.width, y: canvas.top + (levels[asked] + 0.5) * ROW_HEIGHT };
  }

  isZoomed() {
    if (this.focusedAt === Infinity) {
      const items = Array.from(document.querySelectorAll<HTMLElement>('[role="menuitem"]'));
      const focus = items.find(({ textContent }) => textContent === 'Focus block');
      if (focus) {
        this.focusedAt = performance.now();
        focus.click();
      }
    }
    return lastPaintedAt() > this.focusedAt && this.stage.textContent!.includes('% of total');
  }

  searchInput() {
    return this.stage.querySelector<HTMLInputElement>('input[placeholder^="Search"]')!;
  }

  /** Nothing else makes it paint again after typing. */
  isFound(_: Subject, typedAt: number) {
    return lastPaintedAt() > typedAt;
  }

  isPointedAt({ function: name }: Subject) {
    const portal = document.getElementById('grafana-portal-container')!;
    return portal.textContent!.includes(name) && portal.textContent!.includes('Total:');
  }

  private canvas() {
    return this.stage.querySelector<HTMLCanvasElement>('canvas[data-testid="flameGraph"]');
  }
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

void loadStyles(theme).then(() => drive(new GrafanaFlameGraph()));
