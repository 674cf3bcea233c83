import { Dropdown, Menu, ToolbarButton } from '@grafana/ui';
import React from 'react';
import type { ColorBy, Measure, View } from '../options';
import { type Choice, VIEWS } from './choices';

export interface Settings {
  measure: Measure;
  colorBy: ColorBy;
  view: View;
  collapseRuntime: boolean;
  showVanished: boolean;
}

interface Props {
  settings: Settings;
  measures: Array<Choice<Measure>>;
  colors: Array<Choice<ColorBy>>;
  hasBaseline: boolean;
  onChange(change: Partial<Settings>): void;
}

/** How the tree is shown. */
export function SettingsMenu({ settings, measures, colors, hasBaseline, onChange }: Props) {
  const menu = (
    <Menu>
      <Choices
        label="Width"
        choices={measures}
        chosen={settings.measure}
        onChoose={(measure) => onChange({ measure })}
      />
      <Choices
        label="Colour"
        choices={colors}
        chosen={settings.colorBy}
        onChoose={(colorBy) => onChange({ colorBy })}
      />
      <Choices label="Show" choices={VIEWS} chosen={settings.view} onChoose={(view) => onChange({ view })} />
      <Menu.Divider />
      <Switch
        label="Collapse the runtime's leaves"
        on={settings.collapseRuntime}
        onToggle={(collapseRuntime) => onChange({ collapseRuntime })}
      />
      {hasBaseline && (
        <Switch
          label="Show vanished frames"
          on={settings.showVanished}
          onToggle={(showVanished) => onChange({ showVanished })}
        />
      )}
    </Menu>
  );
  return (
    <Dropdown overlay={menu} placement="bottom-end">
      <ToolbarButton
        icon="sliders-v-alt"
        tooltip="Width, colour, table"
        aria-label="How it is shown"
        variant="canvas"
      />
    </Dropdown>
  );
}

interface ChoicesProps<T> {
  label: string;
  choices: Array<Choice<T>>;
  chosen: T;
  onChoose(value: T): void;
}

function Choices<T extends string>({ label, choices, chosen, onChoose }: ChoicesProps<T>) {
  return (
    <Menu.Group label={label}>
      {choices.map(({ value, label: text, unavailable }) => (
        <Menu.Item
          key={value}
          label={text}
          role="menuitemradio"
          ariaChecked={value === chosen}
          icon={value === chosen ? 'check' : undefined}
          disabled={unavailable !== undefined}
          description={unavailable}
          onClick={() => onChoose(value)}
        />
      ))}
    </Menu.Group>
  );
}

function Switch({ label, on, onToggle }: { label: string; on: boolean; onToggle(on: boolean): void }) {
  return (
    <Menu.Item
      label={label}
      role="menuitemcheckbox"
      ariaChecked={on}
      icon={on ? 'check' : undefined}
      onClick={() => onToggle(!on)}
    />
  );
}
