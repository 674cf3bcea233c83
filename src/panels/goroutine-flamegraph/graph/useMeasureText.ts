import { useEffect, useMemo, useState } from 'react';
import { createMeasureText, type MeasureText } from './label';

/**
 * The widths of texts in a font, another function once the font has come: a canvas, unlike the rest of a page, does not draw
 * its text anew by itself.
 * @param font as in CSS
 */
export function useMeasureText(font: string): MeasureText {
  const [letters, setLetters] = useState(() => widthOfLetters(font));
  useEffect(() => {
    // Tests have no fonts. Fonts of other texts come too, and change no width.
    const { fonts } = document;
    const measure = () => setLetters(widthOfLetters(font));
    measure();
    fonts?.addEventListener('loadingdone', measure);
    return () => fonts?.removeEventListener('loadingdone', measure);
  }, [font]);
  // eslint-disable-next-line react-hooks/exhaustive-deps -- other letters have other widths
  return useMemo(() => createMeasureText(font), [font, letters]);
}

function widthOfLetters(font: string): number {
  return createMeasureText(font)('abcdefghijklmnopqrstuvwxyz');
}
