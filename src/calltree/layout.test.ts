import fc from 'fast-check';
import { anyTree } from './fixtures/arbitrary';
import { recordedRows } from './fixtures/recorded';
import { chain, columnsOf, frames, star, sum, written } from './fixtures/rows';
import {
  framesOf,
  type Layout,
  layOut,
  MIN_WIDTH,
  rectangleAt,
  rectangleOf,
  UNZOOMED,
  windowOf,
  type Zoom,
  zoomFromText,
  zoomThatShows,
  zoomToText,
} from './layout';
import { buildCallTree, type CallTree, childrenOf, functionName, isWithin, pathTo } from './tree';

const INVISIBLE = 0.5;
const ROUNDING = 1e-6;

const build = (...rows: string[]) => buildCallTree({ now: written(...rows) });

interface Rectangle {
  row: number;
  frame: number;
  smaller: number;
  left: number;
  right: number;
}

function rectangles({ rowStart, frame, smaller, x, width }: Layout): Rectangle[] {
  return [...frame].map((each, i) => ({
    row: rowStart.findIndex((first) => first > i) - 1,
    frame: each,
    smaller: smaller[i],
    left: x[i],
    right: x[i] + width[i],
  }));
}

function drawn(tree: CallTree, layout: Layout): string[] {
  return rectangles(layout).map(
    ({ row, frame, smaller, left, right }) =>
      `${row}: ${smaller ? `${smaller} smaller` : functionName(tree, frame)} ${left}–${right}`
  );
}

/** Whether the rectangle stands for the frame or for a caller of it. */
function standsFor(tree: CallTree, { frame: first, smaller }: Rectangle, frame: number): boolean {
  return smaller > 0 ? first <= frame && frame < tree.end[tree.parent[first]] : first === frame;
}

/** In px: how much of a frame is in the window. */
function visible(tree: CallTree, zoom: Zoom, widthPx: number, frame: number): number {
  const { start, width } = windowOf(tree, zoom);
  const left = Math.max(0, tree.start[frame] - start);
  const right = Math.min(width, tree.start[frame] + tree.weight[frame] - start);
  return (Math.max(0, right - left) * widthPx) / width;
}

const sizedFrames = (tree: CallTree) => frames(tree).filter((frame) => tree.weight[frame] > 0);

const anyView = fc
  .record({ tree: anyTree, which: fc.nat(), isSmaller: fc.boolean(), widthPx: fc.integer({ min: 20, max: 1200 }) })
  .filter(({ tree }) => tree.weight[0] > 0)
  .map(({ tree, which, isSmaller, widthPx }) => {
    const sized = sizedFrames(tree);
    const frame = sized[which % sized.length];
    const zoom: Zoom = { frame, smaller: isSmaller && frame > 0 };
    return { tree, zoom, widthPx, layout: layOut(tree, windowOf(tree, zoom), widthPx) };
  });

describe('what is laid out', () => {
  it('is a row for each level, callees from the left of their caller', () => {
    const tree = build('serve 60', 'serve>handle 30', 'main 40');
    expect(drawn(tree, layOut(tree, windowOf(tree, UNZOOMED), 1000))).toEqual([
      '0: all goroutines 0–1000',
      '1: main 0–400',
      '1: serve 400–1000',
      '2: handle 400–700',
    ]);
  });

  it('has siblings that are too narrow as one', () => {
    const tree = build('a 1000', 'b 3', 'b>leaf 3', 'c 1', 'd 1', 'e 0');
    expect(drawn(tree, layOut(tree, windowOf(tree, UNZOOMED), 1005))).toEqual([
      '0: all goroutines 0–1005',
      '1: a 0–1000',
      '1: b 1000–1003',
      '1: 3 smaller 1003–1005',
      '2: leaf 1000–1003',
    ]);
  });

  it('has the last of siblings as itself, as one alone is no many', () => {
    const tree = build('a 1000', 'b 1');
    expect(drawn(tree, layOut(tree, windowOf(tree, UNZOOMED), 1001))).toContain('1: b 1000–1001');
  });

  it('has the callers of what is zoomed in to in the whole width, and nothing beside it', () => {
    const tree = build('serve 60', 'serve>handle 30', 'main 40');
    const zoom = { frame: tree.frameOf('handle')!, smaller: false };
    expect(drawn(tree, layOut(tree, windowOf(tree, zoom), 300))).toEqual([
      '0: all goroutines 0–300',
      '1: serve 0–300',
      '2: handle 0–300',
    ]);
  });

  it('has smaller siblings as themselves when zoomed in to them', () => {
    const tree = build('a 1000', 'b 2', 'c 2');
    const zoom = { frame: tree.frameOf('b')!, smaller: true };
    expect(drawn(tree, layOut(tree, windowOf(tree, zoom), 100))).toEqual([
      '0: all goroutines 0–100',
      '1: b 0–50',
      '1: c 50–100',
    ]);
  });

  it.each([
    ['an empty tree', build(), 1000],
    ['a tree of zeros', build('a 0', 'a>b 0', 'c 0'), 1000],
    ['no width', build('a 5'), 0],
  ])('is nothing for %s', (_, tree, widthPx) => {
    expect(layOut(tree, windowOf(tree, UNZOOMED), widthPx).count).toBe(0);
  });
});

describe('rectangles', () => {
  it('of a row are from left to right within the width, without overlap', () => {
    fc.assert(
      fc.property(anyView, ({ widthPx, layout }) => {
        const all = rectangles(layout);
        for (const [i, { row, left, right }] of all.entries()) {
          expect(left).toBeGreaterThanOrEqual(i > 0 && all[i - 1].row === row ? all[i - 1].right - ROUNDING : 0);
          expect(right).toBeLessThanOrEqual(widthPx + ROUNDING);
          expect(right - left).toBeGreaterThanOrEqual(INVISIBLE);
        }
      }),
      { numRuns: 60 }
    );
  });

  it('are in the row of their frame’s level, each caller in the row above, around its callees', () => {
    fc.assert(
      fc.property(anyView, ({ tree, layout }) => {
        const all = rectangles(layout);
        for (const { row, frame, left, right } of all.filter((each) => each.row > 0)) {
          expect(row).toBe(tree.level[frame]);
          const caller = all.find((each) => each.frame === tree.parent[frame] && each.smaller === 0)!;
          expect(caller.row).toBe(row - 1);
          expect(left).toBeGreaterThanOrEqual(caller.left - ROUNDING);
          expect(right).toBeLessThanOrEqual(caller.right + ROUNDING);
        }
      }),
      { numRuns: 60 }
    );
  });

  it('stand for every frame once, but for what is outside of the window or too narrow to be seen', () => {
    fc.assert(
      fc.property(anyView, ({ tree, zoom, widthPx, layout }) => {
        const all = rectangles(layout);
        for (const frame of frames(tree)) {
          const count = all.filter((rectangle) => standsFor(tree, rectangle, frame)).length;
          expect(count).toBeLessThanOrEqual(1);
          if (count === 0) {
            expect(visible(tree, zoom, widthPx, frame)).toBeLessThan(INVISIBLE + ROUNDING);
          }
        }
      }),
      { numRuns: 60 }
    );
  });

  it('below one caller have its total less its own, but for what is too narrow to be seen', () => {
    fc.assert(
      fc.property(anyTree, fc.integer({ min: 20, max: 1200 }), (tree, widthPx) => {
        const all = rectangles(layOut(tree, windowOf(tree, UNZOOMED), widthPx));
        for (const caller of all.filter(({ smaller }) => smaller === 0)) {
          const below = all.filter(({ frame }) => tree.parent[frame] === caller.frame);
          const shown = below.flatMap(({ frame, smaller }) => framesOf(tree, frame, smaller));
          const narrow = childrenOf(tree, caller.frame).filter((child) => !shown.includes(child));
          expect([...shown, ...narrow].sort((a, b) => a - b)).toEqual(childrenOf(tree, caller.frame));
          const callees = sum([...shown, ...narrow].map((frame) => tree.now.total[frame]));
          expect(callees).toBe(tree.now.total[caller.frame] - tree.now.self[caller.frame]);
          const narrowPx = sum(narrow.map((frame) => visible(tree, UNZOOMED, widthPx, frame)));
          expect(narrowPx).toBeLessThan(INVISIBLE + ROUNDING);
        }
      }),
      { numRuns: 60 }
    );
  });

  it('stand for several siblings only where each of them is narrower than can be hit', () => {
    fc.assert(
      fc.property(anyTree, fc.integer({ min: 20, max: 1200 }), (tree, widthPx) => {
        const folded = rectangles(layOut(tree, windowOf(tree, UNZOOMED), widthPx)).filter(({ smaller }) => smaller > 0);
        for (const { frame, smaller } of folded) {
          const siblings = framesOf(tree, frame, smaller);
          expect(siblings).toHaveLength(smaller);
          expect(smaller).toBeGreaterThan(1);
          expect(siblings.every((each) => visible(tree, UNZOOMED, widthPx, each) < MIN_WIDTH)).toBe(true);
        }
      }),
      { numRuns: 60 }
    );
  });

  it('of frames themselves are half as wide as can be hit, but for the last of siblings', () => {
    fc.assert(
      fc.property(anyTree, fc.integer({ min: 20, max: 1200 }), (tree, widthPx) => {
        const own = rectangles(layOut(tree, windowOf(tree, UNZOOMED), widthPx)).filter(({ smaller }) => smaller === 0);
        const notLast = own.filter(
          ({ frame }) => frame > 0 && tree.sibling[frame] + 1 < tree.children[tree.parent[frame]]
        );
        expect(notLast.every(({ left, right }) => right - left >= MIN_WIDTH / 2 - ROUNDING)).toBe(true);
      }),
      { numRuns: 60 }
    );
  });
});

describe('finding a rectangle', () => {
  it('by place gives what is drawn there', () => {
    fc.assert(
      fc.property(
        anyView,
        fc.integer({ min: -1, max: 7 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (view, row, at) => {
          const px = (at * 1.1 - 0.05) * view.widthPx;
          const there = rectangles(view.layout).flatMap((each, i) =>
            each.row === row && each.left <= px && px < each.right ? [i] : []
          );
          // Rounding may have neighbours share their edge.
          expect(rectangleAt(view.layout, row, px)).toBe(there.pop() ?? -1);
        }
      ),
      { numRuns: 100 }
    );
  });

  it('by place gives on an edge the one that begins there', () => {
    const tree = build('a 60', 'b 40');
    const layout = layOut(tree, windowOf(tree, UNZOOMED), 100);
    expect([0, 59, 60].map((px) => layout.frame[rectangleAt(layout, 1, px)])).toEqual(
      ['a', 'a', 'b'].map((node) => tree.frameOf(node))
    );
  });

  it('by place gives none beside the rectangles', () => {
    const tree = build('a 60', 'a>b 30', 'c 40');
    const layout = layOut(tree, windowOf(tree, UNZOOMED), 100);
    expect([-1, 3, 7].map((row) => rectangleAt(layout, row, 50))).toEqual([-1, -1, -1]);
    expect([-1, 100, 1e9, NaN].map((px) => rectangleAt(layout, 0, px))).toEqual([-1, -1, -1, -1]);
  });

  it('by frame gives the one that stands for it, in its own row', () => {
    fc.assert(
      fc.property(anyView, ({ tree, layout }) => {
        const all = rectangles(layout);
        for (const frame of frames(tree)) {
          const expected = all.findIndex((each) => each.row === tree.level[frame] && standsFor(tree, each, frame));
          expect(rectangleOf(tree, layout, frame)).toBe(expected);
        }
      }),
      { numRuns: 60 }
    );
  });
});

describe('a zoom in the URL', () => {
  const tree = build('a 10', 'a>b 5', 'a>c 4', 'a>d 0');
  const frame = (node: string) => tree.frameOf(node)!;

  it('is the node, or the caller’s and the first sibling’s node', () => {
    expect(zoomToText(tree, { frame: frame('b'), smaller: false })).toBe('b');
    expect(zoomToText(tree, { frame: frame('c'), smaller: true })).toBe('a~c');
    expect(zoomToText(tree, UNZOOMED)).toBe('');
  });

  it('is read as it was written', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        expect(zoomFromText(view.tree, zoomToText(view.tree, view.zoom))).toEqual(view.zoom);
      }),
      { numRuns: 60 }
    );
  });

  it.each(['gone', 'a~gone', 'd', 'a~d', '~', 'a~', '~~', 'all goroutines'])(
    'to what is gone or empty is all of the tree: %j',
    (text) => {
      expect(zoomFromText(tree, text)).toEqual(UNZOOMED);
    }
  );
});

describe('the zoom that shows a frame', () => {
  const isDrawn = (tree: CallTree, zoom: Zoom, frame: number, widthPx: number) =>
    rectangles(layOut(tree, windowOf(tree, zoom), widthPx)).some((each) => each.frame === frame && each.smaller === 0);

  it('is the present one where the frame is drawn', () => {
    const tree = build('a 60', 'a>b 30', 'c 40');
    const zoom = { frame: tree.frameOf('a')!, smaller: false };
    expect(zoomThatShows(tree, zoom, tree.frameOf('b')!, 1000)).toBe(zoom);
    expect(zoomThatShows(tree, zoom, 0, 1000)).toBe(zoom);
  });

  it('is that of the outermost caller below which the frame is wide enough', () => {
    const tree = build('a 100000', 'b 1000', 'b>c 100', 'c>d 10', 'c>e 10');
    expect(zoomThatShows(tree, UNZOOMED, tree.frameOf('d')!, 1000)).toEqual({
      frame: tree.frameOf('b'),
      smaller: false,
    });
  });

  it('is another than smaller siblings, where the first of them is too narrow among them too', () => {
    const tree = buildCallTree({ now: columnsOf(star(5000)) });
    const zoom = { frame: tree.frameOf('n0')!, smaller: true };
    expect(isDrawn(tree, zoomThatShows(tree, zoom, zoom.frame, 1000), zoom.frame, 1000)).toBe(true);
  });

  it('is another for the next frame to the right, though rounding has it begin before the present one ends', () => {
    const tree = build('a 0.6', 'b 0.6', 'b>c 0.5', 'b>d 0.1', 'e 0.6');
    const [d, e] = ['d', 'e'].map((node) => tree.frameOf(node)!);
    expect(tree.start[e]).toBeLessThan(tree.start[d] + tree.weight[d]);
    expect(zoomThatShows(tree, { frame: d, smaller: false }, e, 1000)).toEqual(UNZOOMED);
  });

  it('draws the frame as itself, from any zoom to any frame that has a width', () => {
    fc.assert(
      fc.property(anyView, ({ tree, zoom, widthPx }) => {
        for (const frame of sizedFrames(tree)) {
          const shows = zoomThatShows(tree, zoom, frame, widthPx);
          expect(isDrawn(tree, shows, frame, widthPx)).toBe(true);
          expect(shows === zoom || isWithin(tree, frame, shows.frame)).toBe(true);
        }
      }),
      { numRuns: 60 }
    );
  });
});

describe('the recorded spawn storm', () => {
  const tree = buildCallTree({ now: columnsOf(recordedRows('spawnstorm')) });

  it('is drawn alone, as the few goroutines beside it are too narrow to be seen', () => {
    const layout = layOut(tree, windowOf(tree, UNZOOMED), 1000);
    const [all, storm, ...rest] = drawn(tree, layout);
    expect(all).toBe('0: all goroutines 0–1000');
    expect(storm).toMatch(/^1: main\.processNode 0–999\./);
    expect(rest.filter((each) => each.startsWith('1: '))).toEqual([]);
  });

  it('shows each of its frames in some zoom', () => {
    for (const frame of frames(tree)) {
      const zoom = zoomThatShows(tree, UNZOOMED, frame, 1000);
      const layout = layOut(tree, windowOf(tree, zoom), 1000);
      expect(layout.smaller[rectangleOf(tree, layout, frame)]).toBe(0);
    }
  });
});

describe('size', () => {
  it.each([20_000, 50_000])('a chain of %d frames is laid out, and its leaf shown', (length) => {
    const tree = buildCallTree({ now: columnsOf(chain(length)) });
    const layout = layOut(tree, windowOf(tree, UNZOOMED), 1000);
    expect(layout.count).toBe(length + 1);
    expect(rectangleAt(layout, length, 500)).toBe(length);
    expect(rectangleOf(tree, layout, length)).toBe(length);
    expect(zoomThatShows(tree, UNZOOMED, length, 1000)).toBe(UNZOOMED);
    expect(pathTo(tree, length)).toHaveLength(layout.rowStart.length - 1);
  });

  it('a star of 200,000 siblings is one rectangle, and each can be shown', () => {
    const tree = buildCallTree({ now: columnsOf(star(200_000)) });
    const layout = layOut(tree, windowOf(tree, UNZOOMED), 1000);
    expect(drawn(tree, layout)).toEqual([
      '0: all goroutines 0–1000',
      '1: main.main 0–1000',
      '2: 200000 smaller 0–1000',
    ]);
    const last = tree.size - 1;
    expect(rectangleOf(tree, layout, last)).toBe(2);
    expect(zoomThatShows(tree, UNZOOMED, last, 1000)).toEqual({ frame: last, smaller: false });
    expect(framesOf(tree, 2, 200_000)).toHaveLength(200_000);
  });
});
