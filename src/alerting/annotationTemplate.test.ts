import { convertTemplate, type TemplateQuery } from './annotationTemplate';

function convert(text: string, queries: TemplateQuery[] = []): string {
  return convertTemplate(text, 'A', 'job', queries);
}

function queriesOf(...texts: string[]): TemplateQuery[] {
  const queries: TemplateQuery[] = [];
  texts.forEach((text) => convert(text, queries));
  return queries;
}

describe('a template without queries', () => {
  it.each([
    ['{{ $labels.job }} at {{ .Labels.instance }}', '{{ $labels.job }} at {{ .Labels.instance }}'],
    ['{{ $value | humanize }}', '{{ $values.A.Value | humanize }}'],
    ['{{$value}}, {{- .Value -}}', '{{ $values.A.Value }}, {{- $values.A.Value -}}'],
    ['{{ printf "%.0f of $value .Value" $value }}', '{{ printf "%.0f of $value .Value" $values.A.Value }}'],
    ['{{ `}} $value` }}', '{{ `}} $value` }}'],
    ['costs $value', 'costs $value'],
  ])('%s becomes %s', (text, expected) => {
    expect(convert(text)).toBe(expected);
  });

  it('keeps its other variables', () => {
    expect(convert('{{ $x := $value }}{{ $x }}')).toBe('{{ $x := $values.A.Value }}{{ $x }}');
  });
});

describe('a template with a query', () => {
  const FASTEST =
    '{{ with printf "topk by (job, instance) (1, m{job=%q, depth=\\"1\\", instance=%q})" $labels.job $labels.instance | query }}' +
    '{{ . | first | label "function" }} by {{ . | first | value | humanize }}{{ else }}?{{ end }}';

  it('reads the result of a query of the rule, if it found something', () => {
    expect(convert(FASTEST)).toBe(
      '{{ if $values.Q1.Labels.job }}{{ $values.Q1.Labels.function }} by {{ $values.Q1.Value | humanize }}{{ else }}?{{ end }}'
    );
  });

  it('asks for all alerts at once', () => {
    expect(queriesOf(FASTEST)).toEqual([
      { refId: 'Q1', promql: 'topk by (job, instance) (1, m{depth="1"})', labels: ['function'] },
    ]);
  });

  it('is one query for the same question in several templates', () => {
    const other = '{{ with printf "n{job=%q}" $labels.job | query }}{{ . | first | value }}{{ end }}';
    expect(queriesOf(FASTEST, other, FASTEST).map(({ promql }) => promql)).toEqual([
      'topk by (job, instance) (1, m{depth="1"})',
      'n',
    ]);
  });

  it('knows texts that the template has named, and leaves nothing of them', () => {
    const queries: TemplateQuery[] = [];
    const text = `{{- $process := printf "job=~%q,instance=%q" (printf "(%s)(-x)?" $labels.job) $labels.instance -}}
      {{- with printf "a{%[1]s} - a{%[1]s} offset 5m + 50 %% 7" $process | query }} {{ . | first | value }}{{ end -}} .`;
    expect(convert(text, queries)).toBe('{{- if $values.Q1.Labels.job }} {{ $values.Q1.Value }}{{ end -}} .');
    expect(queries[0].promql).toBe('a - a offset 5m + 50 % 7');
  });

  it.each([
    ['queries in another way', '{{ range query "up" }}{{ .Value }}{{ end }}', 'Grafana has no query'],
    ['reads external labels', '{{ $externalLabels.cluster }}', 'Grafana has no $externalLabels'],
    ['aggregates all alerts to one', '{{ with printf "sum(a{job=%q})" $labels.job | query }}{{ end }}', 'by (…)'],
    ['joins all alerts', '{{ with printf "a{job=%q} and on () b" $labels.job | query }}{{ end }}', 'on (…)'],
    [
      'uses a label outside matchers',
      '{{ with printf "vector(%s)" $labels.job | query }}{{ end }}',
      'not valid PromQL',
    ],
    ['queries no PromQL', '{{ with printf "a{" | query }}{{ end }}', 'not valid PromQL'],
  ])('is refused when it %s', (_, text, reason) => {
    expect(() => convert(text)).toThrow(reason);
  });
});
