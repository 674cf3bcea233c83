export type Language = 'en' | 'zh';

/** What messages say by themselves; the rest is the rules' own text. */
export interface Words {
  language: Language;
  /** By the label `severity`. */
  severity(name: string): string;
  firing: string;
  resolved: string;
  /** Of a title. */
  counts(firing: number, resolved: number): string;
  since: string;
  ended: string;
  timeLeft: string;
  limit: string;
  memory: string;
  goroutines: string;
  stacks: string;
  growingFastest: string;
  depth: string;
  comma: string;
  /** Around what explains the words before it. */
  brackets: [string, string];
  dashboard: string;
  panel: string;
  flameGraph: string;
  silence: string;
  runbook: string;
  meanwhile: string;
  more(count: number): string;
  others(count: number): string;
  folded(notifications: number): string;
  truncated(count: number): string;
  brief: string;
  colon: string;
}

const SEVERITY_ZH: Record<string, string> = { critical: '严重', warning: '警告', info: '提示' };

export const WORDS: Record<Language, Words> = {
  en: {
    language: 'en',
    severity: (name) => (name === '' ? 'FIRING' : name.toUpperCase()),
    firing: 'FIRING',
    resolved: 'RESOLVED',
    counts: (firing, resolved) =>
      [firing > 0 && `${firing} firing`, resolved > 0 && `${resolved} resolved`].filter(Boolean).join(', '),
    since: 'Since',
    ended: 'Ended',
    timeLeft: 'Time left',
    limit: 'limit',
    memory: 'Memory',
    goroutines: 'Goroutines',
    stacks: 'stacks',
    growingFastest: 'Growing fastest',
    depth: 'depth',
    comma: ', ',
    brackets: [' (', ')'],
    dashboard: 'Dashboard',
    panel: 'Panel',
    flameGraph: 'Flame graph',
    silence: 'Silence',
    runbook: 'Runbook',
    meanwhile: 'fired and ended before this could be told',
    more: (count) => `And ${count} more`,
    others: (count) => `${count} others`,
    folded: (notifications) => `${notifications} notifications in one, as this robot takes only so many a minute.`,
    truncated: (count) => `The sender left out ${count} alerts.`,
    brief: 'The robot refused a message with the texts of these alerts: look at them in Grafana or Alertmanager.',
    colon: ': ',
  },
  zh: {
    language: 'zh',
    severity: (name) => (name === '' ? '告警' : (SEVERITY_ZH[name] ?? name.toUpperCase())),
    firing: '告警',
    resolved: '已恢复',
    counts: (firing, resolved) =>
      [firing > 0 && `${firing} 条告警`, resolved > 0 && `${resolved} 条恢复`].filter(Boolean).join('，'),
    since: '开始',
    ended: '结束',
    timeLeft: '剩余时间',
    limit: '上限',
    memory: '内存',
    goroutines: 'goroutine 数',
    stacks: '栈',
    growingFastest: '增长最快',
    depth: '深度',
    comma: '，',
    brackets: ['（', '）'],
    dashboard: '仪表盘',
    panel: '图表',
    flameGraph: '火焰图',
    silence: '静默',
    runbook: '处理手册',
    meanwhile: '通知发出前已告警并恢复',
    more: (count) => `另有 ${count} 条`,
    others: (count) => `其他 ${count} 条`,
    folded: (notifications) => `因机器人有频率限制，${notifications} 条通知合并为一条。`,
    truncated: (count) => `发送方省略了 ${count} 条告警。`,
    brief: '机器人拒绝了含有告警正文的消息，请在 Grafana 或 Alertmanager 中查看。',
    colon: '：',
  },
};
