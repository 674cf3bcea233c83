import { type Regression, regressionLinear, regressionQuad } from 'vega-statistics';

export interface Sample {
  /** Unix time in ms. */
  time: number;
  value: number;
}

/** A curve through samples: S(t) = a·t² + b·t + c, with t in minutes from the last sample. */
export interface Growth {
  shape: 'line' | 'parabola';
  /** 0 for a line. */
  a: number;
  b: number;
  c: number;
  /** Slope at the last sample. */
  perMinute: number;
  /** Share of the samples' variance that the curve explains, 0..1. */
  r2: number;
  /** @param time in ms */
  at(time: number): number;
}

/** A line through fewer says nothing. */
const FEWEST_FOR_LINE = 3;
/** With fewer, a parabola is found in noise: in 3 of 100 series of 8 samples, and in 2 of 1,000 of 60. */
const FEWEST_FOR_PARABOLA = 8;

/**
 * By how much the parabola's Bayesian information criterion must be below the line's: “strong evidence” in Kass and Raftery,
 * "Bayes Factors", 1995, table in section 3.2.
 */
const STRONG_EVIDENCE = 6;

/**
 * Fits a line, and the parabola where that fits better by more than its further coefficient gives.
 * @param samples in any order; those without a number are left out
 * @returns `null` for fewer than three samples, or where all are of one time
 */
export function fitGrowth(samples: readonly Sample[]): Growth | null {
  const known = samples.filter(({ value }) => Number.isFinite(value));
  const times = known.map(({ time }) => time);
  const last = Math.max(...times);
  if (known.length < FEWEST_FOR_LINE || last === Math.min(...times)) {
    return null;
  }
  const minutes = ({ time }: Sample) => (time - last) / 60_000;
  const value = (sample: Sample) => sample.value;
  const line = regressionLinear(known, minutes, value);
  const parabola = known.length >= FEWEST_FOR_PARABOLA ? regressionQuad(known, minutes, value) : null;
  const isCurved = parabola !== null && isBetter(parabola, line, known, minutes);
  const { coef, predict, rSquared } = isCurved ? parabola : line;
  const [c, b, a = 0] = coef;
  return {
    shape: isCurved ? 'parabola' : 'line',
    a,
    b,
    c,
    perMinute: b,
    // Of samples without variance, all is explained.
    r2: Number.isFinite(rSquared) ? Math.max(0, rSquared) : 1,
    at: (time) => predict((time - last) / 60_000),
  };
}

function isBetter(parabola: Regression, line: Regression, samples: readonly Sample[], x: (sample: Sample) => number) {
  if (!parabola.coef.every(Number.isFinite)) {
    return false;
  }
  const residues = (curve: Regression) =>
    samples.reduce((sum, sample) => sum + (sample.value - curve.predict(x(sample))) ** 2, 0);
  // Differences below this are of the arithmetic, not of the samples.
  const scale = samples.reduce((sum, { value }) => sum + value ** 2, 0);
  const arithmetic = 1e-12 * scale;
  const [ofLine, ofParabola] = [residues(line), residues(parabola)].map((sum) => Math.max(sum, arithmetic));
  const n = samples.length;
  return ofLine > arithmetic && n * Math.log(ofLine / ofParabola) - Math.log(n) > STRONG_EVIDENCE;
}
