import { type Ink, paintShapes, prepareCanvas } from '../graph/canvas';
import { ROW_HEIGHT, type Shape } from '../graph/scene';

/** Browsers refuse canvases that are higher or wider, in pixels. */
const LONGEST_SIDE = 16_384;

/**
 * The graph as a PNG, twice as fine as CSS px where that is possible.
 * @throws Error when the browser makes none, as for graphs of more than some 800 rows
 */
export async function pngOf(shapes: readonly Shape[], width: number, rows: number, ink: Ink): Promise<Blob> {
  const height = rows * ROW_HEIGHT;
  const canvas = document.createElement('canvas');
  const scale = Math.min(2, LONGEST_SIDE / Math.max(width, height));
  const context = scale >= 1 ? prepareCanvas(canvas, width, height, scale) : null;
  if (!context) {
    throw new Error(`A picture of ${rows} rows is too large for a PNG. Export it as SVG, or zoom in first.`);
  }
  context.fillStyle = ink.background;
  context.fillRect(0, 0, width, height);
  paintShapes(context, shapes, 0, ink);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (!blob) {
    throw new Error('The browser made no PNG. Export it as SVG.');
  }
  return blob;
}
