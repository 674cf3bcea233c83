import { useEffect, useMemo, useRef, useState } from 'react';
import { type Ask, LookBack, type Progress, STEP_MS } from '../../alerting/preview/lookBack';
import { RECORDINGS } from '../../alerting/ruleFiles';
import { askRange } from '../../prometheus/askPrometheus';
import { PrometheusFailure } from '../../prometheus/failure';
import type { AlertingRule } from '../../promql/prometheusRules';
import type { Matcher } from '../../promql/withMatchers';

/** After which the person is asked whether to go on. */
const BUDGET_MS = 5 * 60_000;

/**
 * - idle: not begun
 * - stopped: by the person
 * - paused: the budget is spent
 */
export type LookBackState = 'idle' | 'running' | 'stopped' | 'paused' | 'done' | 'failed';

interface Options {
  dataSourceUid: string;
  rules: readonly AlertingRule[];
  matchers: readonly Matcher[];
  /** In ms since 1970. */
  until: number;
}

/** One look back for as long as the component is there; what is under way is cancelled with it. */
export function useLookBack({ dataSourceUid, rules, matchers, until }: Options) {
  const lookBack = useMemo(() => {
    const ask: Ask = (expr, from, to, signal) =>
      askRange({ dataSourceUid, signal, from, to, stepSeconds: STEP_MS / 1000 }, expr);
    return new LookBack(rules, RECORDINGS, matchers, ask, until);
  }, [dataSourceUid, rules, matchers, until]);
  const [state, setState] = useState<LookBackState>('idle');
  const [progress, setProgress] = useState<Progress>(() => lookBack.progress());
  const [failure, setFailure] = useState<PrometheusFailure>();
  const running = useRef<AbortController>();
  useEffect(() => () => running.current?.abort(), []);

  const start = async () => {
    const controller = new AbortController();
    running.current = controller;
    setState('running');
    setFailure(undefined);
    try {
      setState(await lookBack.run(BUDGET_MS, controller.signal, setProgress));
    } catch (error) {
      if (controller.signal.aborted) {
        return;
      }
      if (!(error instanceof PrometheusFailure)) {
        throw error;
      }
      setFailure(error);
      setState('failed');
    }
  };
  const stop = () => {
    running.current?.abort();
    setState('stopped');
  };
  return { state, progress, failure, start, stop };
}
