import { AppEvents } from '@grafana/data';
import { useTheme2 } from '@grafana/ui';
import { layOut, windowOf, type Zoom } from '../../../calltree/layout';
import type { CallTree } from '../../../calltree/tree';
import { notify } from '../actions/copyText';
import { download } from './download';
import { pngOf } from './png';
import { svgOf } from './svg';
import { inkOf } from '../graph/ink';
import { createMeasureText } from '../graph/label';
import { type Picture, shapesOf } from '../graph/scene';

interface Options extends Pick<Picture, 'fill' | 'label'> {
  tree: CallTree;
  zoom: Zoom;
  /** In px. */
  width: number;
  /** What the picture's file is called, without its ending. */
  name(): string;
  /** The picture in words. */
  description(): string;
}

/** Saves all rows of the graph, as it is zoomed and coloured, in a file. */
export function usePicture({ tree, zoom, width, fill, label, name, description }: Options) {
  const theme = useTheme2();
  const draw = () => {
    const ink = inkOf(theme);
    const layout = layOut(tree, windowOf(tree, zoom), width);
    const rows = layout.rowStart.length - 1;
    const measure = createMeasureText(ink.font);
    const shapes = shapesOf({ tree, layout, zoomRow: tree.level[zoom.frame], fill, label, measure }, 0, rows);
    return { ink, rows, shapes };
  };
  return {
    saveSvg: () => {
      const { shapes, rows, ink } = draw();
      const svg = svgOf(shapes, width, rows, ink, description());
      download(new Blob([svg], { type: 'image/svg+xml' }), `${name()}.svg`);
    },
    savePng: async () => {
      const { shapes, rows, ink } = draw();
      try {
        download(await pngOf(shapes, width, rows, ink), `${name()}.png`);
      } catch (error) {
        notify(AppEvents.alertError.name, 'No PNG was made', (error as Error).message);
      }
    },
  };
}

/** Of a panel's title and a time, fit for all file systems. */
export function pictureName(title: string, time: Date): string {
  const words = (title || 'goroutines').replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '');
  return `${words.slice(0, 80)}-${time.toISOString().slice(0, 19).replaceAll(':', '')}`;
}
