import { Button, Combobox, IconButton, Input, Stack, Text } from '@grafana/ui';
import React from 'react';
import { problemOf } from '../../alerting/matcherProblem';
import type { Matcher } from '../../promql/withMatchers';
import { t } from '../../translate';

interface Props {
  matchers: readonly Matcher[];
  onChange: (matchers: Matcher[]) => void;
}

const OPERATORS = (['=', '!=', '=~', '!~'] as const).map((value) => ({ label: value, value }));

/** Which processes, by labels that their metrics have in Prometheus. */
export function MatchersField({ matchers, onChange }: Props) {
  const change = (index: number, part: Partial<Matcher>) =>
    onChange(matchers.map((matcher, at) => (at === index ? { ...matcher, ...part } : matcher)));
  return (
    <Stack direction="column" gap={1} alignItems="flex-start">
      {matchers.map((matcher, index) => {
        const problem = problemOf(matcher);
        const at = { number: index + 1 };
        return (
          <Stack key={index} direction="column" gap={0.5}>
            <Stack direction="row" gap={1} wrap="wrap" alignItems="center">
              <Input
                width={20}
                aria-label={t('alerts.filter.label', 'Label of filter {{number}}', at)}
                placeholder={t('alerts.filter.label-example', 'namespace')}
                value={matcher.label}
                invalid={problem === 'label'}
                onChange={({ currentTarget }) => change(index, { label: currentTarget.value.trim() })}
              />
              <Combobox
                width={10}
                aria-label={t('alerts.filter.operator', 'Operator of filter {{number}}', at)}
                options={OPERATORS}
                value={matcher.operator}
                onChange={({ value }) => change(index, { operator: value })}
              />
              <Input
                width={28}
                aria-label={t('alerts.filter.value', 'Value of filter {{number}}', at)}
                placeholder={t('alerts.filter.value-example', 'prod')}
                value={matcher.value}
                invalid={problem === 'value'}
                onChange={({ currentTarget }) => change(index, { value: currentTarget.value })}
              />
              <IconButton
                name="trash-alt"
                tooltip={t('alerts.filter.remove', 'Remove filter {{number}}', at)}
                onClick={() => onChange(matchers.filter((_, other) => other !== index))}
              />
            </Stack>
            {problem && (
              <Text color="error" variant="bodySmall">
                {problem === 'label'
                  ? t('alerts.filter.wrong-label', 'A label has letters, digits and _, and begins with no digit.')
                  : t('alerts.filter.wrong-value', 'This is no regular expression.')}
              </Text>
            )}
          </Stack>
        );
      })}
      <Button
        size="sm"
        variant="secondary"
        icon="plus"
        onClick={() => onChange([...matchers, { label: '', operator: '=', value: '' }])}
      >
        {t('alerts.filter.add', 'Add a filter')}
      </Button>
    </Stack>
  );
}
