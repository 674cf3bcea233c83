import { parseArgs } from 'node:util';

export interface Settings {
  runs: number;
  /** Sizes of call trees, in nodes. */
  nodes: number[];
  /** Where the results go as JSON. */
  json: string | undefined;
  prunedD3: boolean;
  /** Whether the plugin is built first; else its last build is measured. */
  build: boolean;
}

export const HELP = `npm run bench:panel [-- OPTIONS]

Measures the flame graph panel beside two others, in one run of one Chromium on the same data:

  ours                 the panel's production build with React 18 and Grafana 12.2, mounted as a dashboard does it
  d3-flame-graph       5.0.0, minFrameSize(0.5), no transitions, its own colours, zoom, search and tooltip
  grafana-flamegraph   @grafana/flamegraph 13.0.1, its React component with the Grafana packages of its version

Options:
  --runs N         how often each step is measured; the median counts (5)
  --nodes N,N,…    sizes of the call tree, in nodes (1000,10000,100000)
  --json FILE      writes [{nodes, impl, first_paint_ms, zoom_ms, search_ms, hover_ms, frames_drawn, heap_mb}]
  --pruned-d3      a further row: d3-flame-graph, fed by our layout with nothing but the frames that can be seen
  --no-build       measures dist/ as it is
  --help

Steps, each in a page of its own, the implementations taking turns; a step that fails or takes longer than 60 s is null:

  first paint   from the data frame in memory to pixels. The frame is what Grafana's Prometheus data source makes of an
                instant query: Time, depth, function, node, parent, Value, in no order, of strings that nobody has read
                yet. What a peer takes (nested objects, a nested set) is made of it first; the table says how long of
                the time that is.
  zoom          from the click on a frame at depth 3 with much below it to pixels. @grafana/flamegraph needs two clicks, on
                the frame and on “Focus block”; the second comes in the animation frame in which the menu is there.
  search        from one input event with a regular expression that a tenth of the frames match to their highlight.
  hover         from the mouse's move onto that frame to the first trace of the tooltip.

Pixels are out two animation frames later: the first finds that the DOM or the canvas has reached what will be seen, and the
next begins when that is painted. At 60 Hz no time is thus shorter than one, or finer. A step counts only if the picture
has changed by it and nothing is painted later. Reduced motion is asked for, so that what heeds it does not animate;
d3-flame-graph does not: its frames grow for 250 ms when they come into view, until which they are not what will be seen.

Frames are the rectangles of the first painting: elements, or calls on the canvas. Heap is what the JavaScript heap and its
array buffers hold after a collection with the graph shown, less what they held before; the data frame is in both. What
the browser has beside it for elements and canvases is not in it.

@grafana/flamegraph shows the graph alone: where the step needs neither, without its toolbar and menu (showFlameGraphOnly),
else without its table. Stacks that it would collapse are shown (disableCollapsing), as the others show them.`;

/** @throws Error that says which option is wrong. */
export function settingsOf(args: string[]): Settings | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      runs: { type: 'string', default: '5' },
      nodes: { type: 'string', default: '1000,10000,100000' },
      json: { type: 'string' },
      'pruned-d3': { type: 'boolean', default: false },
      'no-build': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return values.help
    ? 'help'
    : {
        runs: count('--runs', values.runs, 1),
        // Fewer have no frame at depth 3 that is wide enough.
        nodes: values.nodes.split(',').map((text) => count('--nodes', text, 200)),
        json: values.json,
        prunedD3: values['pruned-d3'],
        build: !values['no-build'],
      };
}

function count(option: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) {
    throw new Error(`${option} takes whole numbers from ${least} on, not “${text}”`);
  }
  return value;
}
