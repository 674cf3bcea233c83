/** When a label was last painted on any canvas, by `performance.now()`: each painting of a flame graph has some. */
let labelAt = -Infinity;

export const lastPaintedAt = () => labelAt;

/** Must run before the graph does. It costs as much as a look at the clock for each label, of which there are hundreds. */
export function watchLabels() {
  const { prototype } = CanvasRenderingContext2D;
  const { fillText } = prototype;
  prototype.fillText = function (...args) {
    labelAt = performance.now();
    return fillText.apply(this, args);
  };
}

/**
 * Counts the rectangles of the last painting that has any; one begins with clearing a canvas. For runs that are not timed,
 * as it costs time for each of thousands.
 */
export function countRectangles(): () => number {
  let last = 0;
  let rectangles = 0;
  const count = (prototype: object, methods: string[]) => {
    for (const method of methods) {
      const original = Reflect.get(prototype, method);
      Reflect.set(prototype, method, function (this: unknown, ...args: unknown[]) {
        rectangles++;
        return Reflect.apply(original, this, args);
      });
    }
  };
  count(CanvasRenderingContext2D.prototype, ['rect', 'roundRect', 'fillRect']);
  count(Path2D.prototype, ['rect', 'roundRect']);
  const { clearRect } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.clearRect = function (...args) {
    last = rectangles || last;
    rectangles = 0;
    return clearRect.apply(this, args);
  };
  return () => rectangles || last;
}
