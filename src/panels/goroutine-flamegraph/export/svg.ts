import { FADED, fontOf, type Ink, NEW_BAR, STRIPE_DISTANCE } from '../graph/canvas';
import { gapOf, LABEL_PADDING, ROW_HEIGHT, type Shape } from '../graph/scene';

/**
 * The graph as an SVG document of its own.
 * @param title for people who cannot see it
 */
export function svgOf(shapes: readonly Shape[], width: number, rows: number, ink: Ink, title: string): string {
  const height = rows * ROW_HEIGHT;
  const document_ = document.implementation.createDocument(SVG, 'svg', null);
  const svg = document_.documentElement;
  const add = (parent: Element, name: string, attributes: Record<string, string | number>, text?: string) => {
    const element = document_.createElementNS(SVG, name);
    Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, String(value)));
    if (text !== undefined) {
      element.textContent = withoutControls(text);
    }
    return parent.appendChild(element);
  };
  Object.entries({ width, height, viewBox: `0 0 ${width} ${height}`, role: 'img' }).forEach(([key, value]) =>
    svg.setAttribute(key, String(value))
  );
  add(svg, 'title', {}, title);
  const stripes = add(add(svg, 'defs', {}), 'pattern', {
    id: 'vanished',
    width: STRIPE_DISTANCE,
    height: STRIPE_DISTANCE,
    patternUnits: 'userSpaceOnUse',
    patternTransform: 'rotate(45)',
  });
  add(stripes, 'rect', { width: 1, height: STRIPE_DISTANCE, fill: ink.vanishedMark });
  add(svg, 'rect', { width, height, fill: ink.background });
  for (const { x, y, width: shapeWidth, fill, mark, synthetic, faded, text } of shapes) {
    const drawn = round(shapeWidth - gapOf(shapeWidth));
    const place = { x: round(x), y, width: drawn, height: ROW_HEIGHT - 1 };
    add(svg, 'rect', {
      ...place,
      fill: mark === 'vanished' ? 'url(#vanished)' : fill,
      ...(mark === 'vanished' && { stroke: ink.vanishedMark }),
      ...(faded && { opacity: FADED }),
    });
    if (mark === 'new') {
      add(svg, 'rect', { ...place, width: Math.min(NEW_BAR, drawn), fill: ink.newMark });
    }
    if (text !== '') {
      const at = { x: round(x + LABEL_PADDING + (mark === 'new' ? 2 : 0)), y: y + ROW_HEIGHT / 2 + 4 };
      add(svg, 'text', { ...at, fill: ink.text, style: `font: ${fontOf(synthetic, ink)}` }, text);
    }
  }
  return new XMLSerializer().serializeToString(document_);
}

const SVG = 'http://www.w3.org/2000/svg';

function round(px: number): number {
  return Math.round(px * 100) / 100;
}

/** What XML 1.0 cannot hold (https://www.w3.org/TR/xml/#charsets). */
function withoutControls(text: string): string {
  return text.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD');
}
