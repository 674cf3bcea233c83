import type { DataFrame } from '@grafana/data';
import type { Subject } from '../data/callTree';

/** What is measured. */
export type Step = 'first_paint' | 'zoom' | 'search' | 'hover';

/** One flame graph, as the benchmark drives it. Questions must be cheap: they are asked in each animation frame. */
export interface Implementation {
  /** Shows the graph in an empty element, which has its final size; `step` is what will be measured. */
  mount(frame: DataFrame, stage: HTMLElement, step: Step): void | Promise<void>;
  /** Whether all that will be seen at first is in the DOM, or painted. */
  isDrawn(): boolean;
  /** Brings the graph, once drawn, to where the step begins; not measured. */
  prepare?(step: Step): Promise<void>;
  /** In the middle of the frame of a node that is in sight, in px of the viewport. */
  placeOf(node: string): { x: number; y: number };
  /** Whether the click on the subject has led to what will be seen. Does what more a person must click. */
  isZoomed(subject: Subject, clickedAt: number): boolean;
  searchInput(): HTMLInputElement;
  /** Whether the matches are highlighted. */
  isFound(subject: Subject, typedAt: number): boolean;
  /** Whether the tooltip of the subject can be seen. */
  isPointedAt(subject: Subject): boolean;
  /** Rectangles in the DOM, or in the last painting where the graph itself says so. */
  framesDrawn?(): number;
}
