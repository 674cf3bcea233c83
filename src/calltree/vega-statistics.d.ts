/** The part of vega-statistics 2.0 that is used; the package ships no types. */
declare module 'vega-statistics' {
  export interface Regression {
    /** From the constant on: `[c, b]` or `[c, b, a]`. */
    coef: number[];
    predict(x: number): number;
    rSquared: number;
  }

  export type Value<D> = (item: D) => number;

  export function regressionLinear<D>(data: readonly D[], x: Value<D>, y: Value<D>): Regression;
  export function regressionQuad<D>(data: readonly D[], x: Value<D>, y: Value<D>): Regression;
}
