import '../../../demo/preview/bootData';
import { createTheme, type DataFrame, type PanelPlugin, ThemeContext } from '@grafana/data';
import { PortalContainer } from '@grafana/ui';
import React from 'react';
import { createRoot } from 'react-dom/client';
import { SizedFlameGraph } from '../../../demo/preview/FlameGraphStage';
import { loadPanel } from '../../../demo/preview/loadPanel';
import { buildCallTree } from '../../../src/calltree/tree';
import type { Subject } from '../data/callTree';
import { lastPaintedAt } from './canvas';
import { columnsOf } from './columns';
import { drive } from './drive';
import type { Implementation } from './implementation';
import { loadStyles } from './styles';

const theme = createTheme({ colors: { mode: 'dark' } });

const SEARCH = 'input[aria-label^="Search"]';

/** The plugin's own build, mounted as Grafana does it. */
class Ours implements Implementation {
  private frame!: DataFrame;
  private stage!: HTMLElement;
  private mountedAt = 0;

  constructor(private readonly plugin: PanelPlugin) {}

  mount(frame: DataFrame, stage: HTMLElement) {
    Object.assign(this, { frame, stage, mountedAt: performance.now() });
    createRoot(stage).render(
      <ThemeContext.Provider value={theme}>
        <SizedFlameGraph
          plugin={this.plugin}
          frames={[frame]}
          title="Whose goroutines?"
          width={stage.clientWidth}
          height={stage.clientHeight}
        />
        <PortalContainer />
      </ThemeContext.Provider>
    );
  }

  isDrawn() {
    return this.framesDrawn() > 0 && lastPaintedAt() > this.mountedAt;
  }

  /** Its toolbar comes after the graph. */
  async prepare() {
    while (!this.stage.querySelector(SEARCH)) {
      await new Promise(requestAnimationFrame);
    }
  }

  /** The panel has elements over the frames next to the active one alone, the root's among them at first. */
  placeOf(node: string) {
    const { frameOf, start, weight, level } = buildCallTree({ now: columnsOf(this.frame) });
    const root = this.stage.querySelector('[role="treeitem"][data-node=""]')!.getBoundingClientRect();
    const frame = frameOf(node)!;
    return {
      x: root.left + ((start[frame] + weight[frame] / 2) / weight[0]) * root.width,
      y: root.top + (level[frame] + 0.5) * root.height,
    };
  }

  isZoomed({ function: name }: Subject, clickedAt: number) {
    return this.status().startsWith(`${name}: `) && lastPaintedAt() > clickedAt;
  }

  searchInput() {
    return this.stage.querySelector<HTMLInputElement>(SEARCH)!;
  }

  isFound({ found }: Subject, typedAt: number) {
    return this.status().includes(`${found.toLocaleString('en')} frames match`) && lastPaintedAt() > typedAt;
  }

  isPointedAt({ function: name }: Subject) {
    return document.querySelector('[data-testid="flame-graph-tooltip"]')?.textContent?.includes(name) ?? false;
  }

  framesDrawn() {
    return Number(this.stage.querySelector<HTMLElement>('[data-testid="flame-graph"]')?.dataset.frames ?? 0);
  }

  private status(): string {
    return this.stage.querySelector('[role="status"]')?.textContent ?? '';
  }
}

void Promise.all([loadPanel(), loadStyles(theme)]).then(([plugin]) => drive(new Ours(plugin)));
