/** A series and its value at one time. */
export interface Sample {
  metric: string;
  /** As between braces, without those of the target: `depth="1",function="main.main"`. */
  labels: string;
  value: number;
}

/** Prometheus' text format: what a target answers. Samples of a metric follow each other. */
export function exposition(samples: readonly Sample[]): string {
  const lines = samples.flatMap(({ metric, labels, value }, i) => {
    const line = `${metric}{${labels}} ${value}\n`;
    return metric === samples[i - 1]?.metric ? [line] : [`# TYPE ${metric} gauge\n`, line];
  });
  return lines.join('');
}

/**
 * OpenMetrics, without its last line: what a scrape of the target would have stored.
 * @param target its labels, such as `instance="…",job="…"`
 * @param time Unix time in seconds
 */
export function openMetrics(samples: readonly Sample[], target: string, time: number): string {
  return samples
    .map(({ metric, labels, value }) => `${metric}{${labels ? `${labels},` : ''}${target}} ${value} ${time}\n`)
    .join('');
}
