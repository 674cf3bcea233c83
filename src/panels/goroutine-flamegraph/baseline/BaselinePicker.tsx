import { css } from '@emotion/css';
import { type DateTime, dateTime, type PanelProps } from '@grafana/data';
import { Button, DateTimePicker, Dropdown, Menu, Modal, ToolbarButton, useStyles2 } from '@grafana/ui';
import React, { useState } from 'react';
import { type Baseline, BASELINE_CHOICES, modifierAt } from './baseline';

interface Props {
  /** What is compared with, if anything. */
  baseline: Baseline | undefined;
  /** The variable's value; `undefined` where the dashboard has none. */
  modifier: string | undefined;
  /** Why nothing can be chosen here, or `undefined`. */
  disabled: string | undefined;
  timeZone: PanelProps['timeZone'];
  /** Without a label, for narrow panels. */
  iconOnly: boolean;
  /** Gives the unix time in ms just before the last restart; `undefined` where no query was set. */
  beforeLastRestart?: () => Promise<number | null>;
  onChoose(modifier: string): void;
}

/** Chooses the time that now is compared with, by the dashboard's variable. */
export function BaselinePicker(props: Props) {
  const { baseline, modifier, disabled, timeZone, iconOnly, beforeLastRestart, onChoose } = props;
  const styles = useStyles2(getStyles);
  const [askingTime, setAskingTime] = useState(false);
  const [failure, setFailure] = useState<string>();

  const chooseRestart = async () => {
    setFailure(undefined);
    try {
      const time = await beforeLastRestart!();
      if (time === null) {
        setFailure('No restart was found in the last hours.');
      } else {
        onChoose(modifierAt(time));
      }
    } catch (error) {
      setFailure(`The last restart is not known: ${(error as Error).message}`);
    }
  };

  const menu = (
    <Menu>
      {BASELINE_CHOICES.map(({ modifier: choice, label }) => (
        <Menu.Item
          key={choice}
          label={label}
          role="menuitemradio"
          ariaChecked={choice === modifier}
          icon={choice === modifier ? 'check' : undefined}
          onClick={() => onChoose(choice)}
        />
      ))}
      <Menu.Divider />
      <Menu.Item
        label="Before the last restart"
        disabled={!beforeLastRestart}
        description={beforeLastRestart ? undefined : 'Needs the option “Query of the last restart”'}
        onClick={chooseRestart}
      />
      <Menu.Item label="At a time…" onClick={() => setAskingTime(true)} />
    </Menu>
  );
  const label = baseline ? `Since ${baseline.since}` : 'No baseline';
  const tooltip = failure ?? disabled ?? 'What now is compared with';
  return (
    <>
      <Dropdown overlay={menu} placement="bottom-end">
        <ToolbarButton
          icon={failure ? 'exclamation-triangle' : 'history'}
          disabled={disabled !== undefined}
          tooltip={tooltip}
          aria-label={`Baseline: ${label}. ${tooltip}`}
          iconOnly={iconOnly}
          variant={baseline ? 'active' : 'canvas'}
        >
          {iconOnly ? undefined : label}
        </ToolbarButton>
      </Dropdown>
      {askingTime && (
        <AskTime
          timeZone={timeZone}
          className={styles.ask}
          onClose={() => setAskingTime(false)}
          onTime={(time) => {
            setAskingTime(false);
            onChoose(modifierAt(time.valueOf()));
          }}
        />
      )}
    </>
  );
}

interface AskTimeProps {
  timeZone: PanelProps['timeZone'];
  className: string;
  onTime(time: DateTime): void;
  onClose(): void;
}

function AskTime({ timeZone, className, onTime, onClose }: AskTimeProps) {
  const [time, setTime] = useState<DateTime | undefined>(() => dateTime().subtract(1, 'hour'));
  return (
    <Modal title="Compare now with" isOpen onDismiss={onClose} className={className}>
      <DateTimePicker date={time} onChange={setTime} maxDate={new Date()} timeZone={timeZone} showSeconds />
      <Modal.ButtonRow>
        <Button variant="secondary" onClick={onClose}>
          Cancel
        </Button>
        <Button disabled={!time?.isValid()} onClick={() => time && onTime(time)}>
          Compare
        </Button>
      </Modal.ButtonRow>
    </Modal>
  );
}

const getStyles = () => ({ ask: css({ width: 420, maxWidth: '95vw' }) });
