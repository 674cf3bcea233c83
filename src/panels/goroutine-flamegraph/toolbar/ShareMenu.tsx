import { Dropdown, Menu, ToolbarButton } from '@grafana/ui';
import React from 'react';

interface Props {
  onCopySummary(): void;
  onExportSvg(): void;
  onExportPng(): void;
}

export function ShareMenu({ onCopySummary, onExportSvg, onExportPng }: Props) {
  const menu = (
    <Menu>
      <Menu.Item label="Copy summary for a chat" icon="copy" onClick={onCopySummary} />
      <Menu.Item label="Export as SVG" icon="download-alt" onClick={onExportSvg} />
      <Menu.Item label="Export as PNG" icon="download-alt" onClick={onExportPng} />
    </Menu>
  );
  return (
    <Dropdown overlay={menu} placement="bottom-end">
      <ToolbarButton icon="share-alt" tooltip="Summary and pictures" aria-label="Share" variant="canvas" />
    </Dropdown>
  );
}
