import { type RefObject, useLayoutEffect, useState } from 'react';

export interface Size {
  width: number;
  height: number;
}

/**
 * An element's content box in px, without its scroll bar: 0 × 0 in the first rendering, and known before the browser paints;
 * `fallback` where nothing is laid out, as in tests without a browser.
 */
export function useElementSize(element: RefObject<HTMLElement | null>, fallback: Size): Size {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  const { width: fallbackWidth, height: fallbackHeight } = fallback;
  useLayoutEffect(() => {
    const measure = () => {
      const width = element.current?.clientWidth || fallbackWidth;
      const height = element.current?.clientHeight || fallbackHeight;
      setSize((known) => (known.width === width && known.height === height ? known : { width, height }));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, [element, fallbackWidth, fallbackHeight]);
  return size;
}
