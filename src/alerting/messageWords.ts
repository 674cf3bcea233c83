/** Languages of messages. Grafana's own templates know none, so each has a text of its own. */
export const MESSAGE_LANGUAGES = ['en', 'zh'] as const;

export type MessageLanguage = (typeof MESSAGE_LANGUAGES)[number];

export function isMessageLanguage(text: string): text is MessageLanguage {
  return MESSAGE_LANGUAGES.some((language) => language === text);
}

/** What messages say by themselves; the rest is the rules' own text. */
export interface MessageWords {
  /** By the label `severity` of a firing alert. */
  severities: Record<'critical' | 'warning' | 'info', string>;
  /** Firing, of no severity or of several. */
  firing: string;
  resolved: string;
  colon: string;
  comma: string;
  /** Around what explains the words before it. */
  brackets: [string, string];
  timeLeft: string;
  memory: string;
  limit: string;
  goroutines: string;
  stacks: string;
  growingFastest: string;
  depth: string;
  /** Which function grows. */
  unknown: string;
  since: string;
  ended: string;
  dashboard: string;
  flameGraph: string;
  silence: string;
  runbook: string;
  /** Around the name of a rule. */
  cannotBeEvaluated: [string, string];
  /** Around the number of all alerts. */
  moreAlerts: [string, string];
}

export const MESSAGE_WORDS: Record<MessageLanguage, MessageWords> = {
  en: {
    severities: { critical: 'CRITICAL', warning: 'WARNING', info: 'INFO' },
    firing: 'FIRING',
    resolved: 'RESOLVED',
    colon: ': ',
    comma: ', ',
    brackets: [' (', ')'],
    timeLeft: 'Time left',
    memory: 'Memory',
    limit: 'limit',
    goroutines: 'Goroutines',
    stacks: 'stacks',
    growingFastest: 'Growing fastest',
    depth: 'depth',
    unknown: 'no call tree shows what',
    since: 'Since',
    ended: 'ended',
    dashboard: 'Dashboard',
    flameGraph: 'Flame graph',
    silence: 'Silence',
    runbook: 'Runbook',
    cannotBeEvaluated: ['The rule ', ' cannot be evaluated, nothing is watched.'],
    moreAlerts: ['', ' alerts in all, the first are shown.'],
  },
  zh: {
    severities: { critical: '严重', warning: '警告', info: '提示' },
    firing: '告警',
    resolved: '已恢复',
    colon: '：',
    comma: '，',
    brackets: ['（', '）'],
    timeLeft: '剩余时间',
    memory: '内存',
    limit: '上限',
    goroutines: 'goroutine 数',
    stacks: '栈',
    growingFastest: '增长最快',
    depth: '深度',
    unknown: '没有调用树可以指出',
    since: '开始',
    ended: '结束',
    dashboard: '仪表盘',
    flameGraph: '火焰图',
    silence: '静默',
    runbook: '处理手册',
    cannotBeEvaluated: ['规则 ', ' 无法评估，目前没有任何监控。'],
    moreAlerts: ['共 ', ' 条告警，仅显示最前面的。'],
  },
};
