import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, Field, Input, useStyles2 } from '@grafana/ui';
import React, { useState } from 'react';
import {
  isValid,
  THRESHOLD_SETTINGS,
  type Thresholds,
  type ThresholdSetting,
  valueOf,
} from '../../alerting/thresholds';
import { thresholdLabel, unitOf } from './describeAlert';
import { t } from '../../translate';

interface Props {
  alerts: readonly string[];
  thresholds: Thresholds;
  onChange: (thresholds: Thresholds) => void;
}

/** The numbers of the chosen rules' conditions. */
export function ThresholdsField({ alerts, thresholds, onChange }: Props) {
  const styles = useStyles2(getStyles);
  const shown = THRESHOLD_SETTINGS.filter(({ sets }) => alerts.some((alert) => alert in sets));
  return (
    <div>
      <div className={styles.grid}>
        {shown.map((setting) => (
          <Threshold
            key={setting.name}
            setting={setting}
            value={valueOf(setting, thresholds)}
            onChange={(value) => onChange(withValue(thresholds, setting, value))}
          />
        ))}
      </div>
      {Object.keys(thresholds).length > 0 && (
        <Button size="sm" variant="secondary" icon="history-alt" onClick={() => onChange({})}>
          {t('alerts.threshold.reset', 'All as they were tested')}
        </Button>
      )}
    </div>
  );
}

/** A default is no choice: it follows the rules of the next version. */
function withValue(thresholds: Thresholds, { name, default: usual }: ThresholdSetting, value: number): Thresholds {
  const { [name]: _, ...others } = thresholds;
  return value === usual ? others : { ...others, [name]: value };
}

interface ThresholdProps {
  setting: ThresholdSetting;
  value: number;
  onChange: (value: number) => void;
}

function Threshold({ setting, value, onChange }: ThresholdProps) {
  const { name, unit, min, max, sets } = setting;
  // What is typed may be no number yet.
  const [typed, setTyped] = useState<string>();
  const number = typed === undefined ? value : Number(typed.replace(',', '.'));
  const isWrong = typed === '' || !isValid(setting, number);
  const id = `threshold-${name}`;
  return (
    <Field
      noMargin
      label={thresholdLabel(name)}
      description={Object.keys(sets).join(', ')}
      invalid={isWrong}
      error={t('alerts.threshold.invalid', 'From {{min}} to {{max}}; still {{value}}', { min, max, value })}
    >
      <Input
        id={id}
        width={16}
        inputMode="decimal"
        value={typed ?? value}
        suffix={unitOf(unit)}
        onChange={({ currentTarget }) => {
          const text = currentTarget.value.trim();
          setTyped(text);
          if (text !== '' && isValid(setting, Number(text.replace(',', '.')))) {
            onChange(Number(text.replace(',', '.')));
          }
        }}
        onBlur={() => !isWrong && setTyped(undefined)}
      />
    </Field>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  grid: css({
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(min(210px, 100%), 1fr))',
    gap: theme.spacing(2),
    marginBottom: theme.spacing(2),
    alignItems: 'end',
  }),
});
