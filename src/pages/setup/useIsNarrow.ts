import { useTheme2 } from '@grafana/ui';
import { useEffect, useState } from 'react';

/** Whether there is room for a name and one thing beside it, no more: a phone, or a split screen. */
export function useIsNarrow(): boolean {
  const { md } = useTheme2().breakpoints.values;
  const query = `(max-width: ${md - 1}px)`;
  const [isNarrow, setIsNarrow] = useState(() => window.matchMedia(query).matches);
  useEffect(() => {
    const media = window.matchMedia(query);
    const update = () => setIsNarrow(media.matches);
    update();
    media.addEventListener('change', update);
    return () => media.removeEventListener('change', update);
  }, [query]);
  return isNarrow;
}
