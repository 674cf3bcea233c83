import { useEffect, useState } from 'react';

/** Changes when fonts have come: a canvas, unlike the rest of a page, does not draw its text anew by itself. */
export function useLoadedFonts(): number {
  const [loads, setLoads] = useState(0);
  useEffect(() => {
    // Tests have no fonts.
    const { fonts } = document;
    const count = () => setLoads((before) => before + 1);
    fonts?.addEventListener('loadingdone', count);
    return () => fonts?.removeEventListener('loadingdone', count);
  }, []);
  return loads;
}
