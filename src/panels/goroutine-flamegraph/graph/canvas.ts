import { gapOf, LABEL_PADDING, ROW_HEIGHT, type Shape } from './scene';

export interface Ink {
  text: string;
  newMark: string;
  vanishedMark: string;
  background: string;
  font: string;
}

/** Opacity of callers of what is zoomed to. */
export const FADED = 0.6;
/** The mark at the left of a new frame, in px. */
export const NEW_BAR = 3;

/**
 * Makes a canvas as large as the screen needs for a size in CSS px, and gives its context in these, cleared. `null` where
 * the browser has none.
 */
export function prepareCanvas(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
  pixelRatio = window.devicePixelRatio || 1
): CanvasRenderingContext2D | null {
  const context = canvas.getContext('2d');
  const [pixelWidth, pixelHeight] = [Math.round(width * pixelRatio), Math.round(height * pixelRatio)];
  // Setting a size, even the same, throws the canvas's memory away.
  if (canvas.width !== pixelWidth || canvas.height !== pixelHeight) {
    canvas.width = pixelWidth;
    canvas.height = pixelHeight;
  }
  context?.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
  context?.clearRect(0, 0, width, height);
  return context ?? null;
}

/** @param top what of the graph is at the canvas' upper edge, in px */
export function paintShapes(context: CanvasRenderingContext2D, shapes: readonly Shape[], top: number, ink: Ink) {
  for (const { x, y, width, fill, mark, faded } of shapes) {
    const drawn = width - gapOf(width);
    context.globalAlpha = faded ? FADED : 1;
    context.fillStyle = mark === 'vanished' ? ink.background : fill;
    context.fillRect(x, y - top, drawn, ROW_HEIGHT - 1);
    if (mark === 'vanished') {
      stripe(context, x, y - top, drawn, ink.vanishedMark);
    } else if (mark === 'new') {
      context.fillStyle = ink.newMark;
      context.fillRect(x, y - top, Math.min(NEW_BAR, drawn), ROW_HEIGHT - 1);
    }
  }
  context.globalAlpha = 1;
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  // Names are Go's, whatever the page's language.
  context.direction = 'ltr';
  let font = '';
  for (const { x, y, width, text, mark, synthetic } of shapes) {
    if (text !== '') {
      const wanted = fontOf(synthetic, ink);
      // Even the same font takes time to set.
      if (wanted !== font) {
        context.font = font = wanted;
      }
      if (mark === 'vanished') {
        // The stripes would cross the letters.
        context.fillStyle = ink.background;
        context.fillRect(x + 2, y - top + 3, Math.min(context.measureText(text).width + 4, width - 4), ROW_HEIGHT - 7);
      }
      context.fillStyle = ink.text;
      context.fillText(text, x + LABEL_PADDING + (mark === 'new' ? 2 : 0), y - top + ROW_HEIGHT / 2);
    }
  }
}

/** What is no function is in italics, whatever its colour tells. */
export function fontOf(synthetic: boolean, { font }: Ink): string {
  return synthetic ? `italic ${font}` : font;
}

/** In px, from one stripe to the next. */
export const STRIPE_DISTANCE = 6;

function stripe(context: CanvasRenderingContext2D, x: number, y: number, width: number, color: string) {
  context.save();
  context.beginPath();
  context.rect(x, y, width, ROW_HEIGHT - 1);
  context.clip();
  context.strokeStyle = color;
  context.lineWidth = 1;
  context.beginPath();
  for (let at = x - ROW_HEIGHT; at < x + width; at += STRIPE_DISTANCE) {
    context.moveTo(at, y + ROW_HEIGHT);
    context.lineTo(at + ROW_HEIGHT, y);
  }
  context.rect(x + 0.5, y + 0.5, Math.max(0, width - 1), ROW_HEIGHT - 2);
  context.stroke();
  context.restore();
}

export interface Outline {
  x: number;
  y: number;
  width: number;
  color: string;
  /** In px. */
  thickness: number;
}

export function paintOutlines(context: CanvasRenderingContext2D, outlines: readonly Outline[], top: number) {
  for (const { x, y, width, color, thickness } of outlines) {
    context.strokeStyle = color;
    context.lineWidth = thickness;
    context.strokeRect(
      x + thickness / 2,
      y - top + thickness / 2,
      Math.max(1, width - gapOf(width) - thickness),
      ROW_HEIGHT - 1 - thickness
    );
  }
}
