import { readFileSync } from 'node:fs';
import path from 'node:path';
import { load } from 'js-yaml';
import { recordingsOf } from '../src/promql/inlineRecordings';
import type { RuleFile } from '../src/promql/prometheusRules';

const RULES = path.resolve(__dirname, '../alerts/oom.rules.yml');

/** What the alerts' figures are: the dashboard's are the same, and need nobody to record them. */
export const recordings = recordingsOf((load(readFileSync(RULES, 'utf8'), { filename: RULES }) as RuleFile).groups);
