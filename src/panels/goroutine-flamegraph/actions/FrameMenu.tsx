import { AppEvents, type DataQueryRequest, type LinkModel, type TimeRange } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { ContextMenu, Menu } from '@grafana/ui';
import React from 'react';
import { SYNTHETIC_FUNCTIONS } from '../../../calltree/synthetic';
import { type CallTree, functionName, pathTo } from '../../../calltree/tree';
import type { Pointed } from '../graph/FlameGraph';
import { copyText, notify } from './copyText';
import { exploreUrl } from './exploreUrl';
import { sourceUrl } from './sourceUrl';

interface Props {
  tree: CallTree;
  pointed: Pointed;
  /** What the rectangle is called. */
  name: string;
  /** Absent in snapshots and public dashboards. */
  request: DataQueryRequest | undefined;
  /** Of the query that is drawn. */
  refId: string;
  timeRange: TimeRange;
  /** The dashboard's variable of the function that is looked at; absent where it has none. */
  functionVariable?: string;
  /** The option, its variables filled in. */
  sourceTemplate: string;
  links: LinkModel[];
  onClose(): void;
  onZoom(): void;
  onSearch(functionName: string): void;
}

/** What can be done with a frame; the click itself zooms. */
export function FrameMenu(props: Props) {
  const { tree, pointed, name, request, refId, timeRange, functionVariable, sourceTemplate, links } = props;
  const { onClose, onZoom, onSearch } = props;
  const { frame, smaller, at } = pointed;
  const function_ = functionName(tree, frame);
  const isFunction = smaller === 0 && frame !== 0 && !SYNTHETIC_FUNCTIONS.has(function_);
  const source = isFunction ? sourceUrl(sourceTemplate, function_) : undefined;

  const openExplore = async () => {
    try {
      window.open(await exploreUrl(request!, refId, timeRange), '_blank', 'noopener');
    } catch (error) {
      notify(AppEvents.alertError.name, 'Explore cannot be opened', (error as Error).message);
    }
  };
  const copyPath = () => {
    const path = pathTo(tree, frame).slice(1);
    return copyText(path.map((caller) => functionName(tree, caller)).join('\n'), 'the path');
  };

  const items = () => (
    <Menu.Group label={name.length > 60 ? `${name.slice(0, 60)}…` : name}>
      <Menu.Item label="Zoom in here" icon="search-plus" onClick={onZoom} />
      {isFunction && (
        <>
          <Menu.Item label="Find this function everywhere" icon="search" onClick={() => onSearch(function_)} />
          <Menu.Item label="Copy name" icon="copy" onClick={() => copyText(function_, 'the name')} />
          <Menu.Item label="Copy path from the root" icon="copy" onClick={copyPath} />
          {functionVariable !== undefined && (
            <Menu.Item
              label={`Focus the dashboard on it ($${functionVariable})`}
              icon="filter"
              onClick={() => locationService.partial({ [`var-${functionVariable}`]: function_ }, true)}
            />
          )}
        </>
      )}
      <Menu.Item
        label="Open the query in Explore"
        icon="compass"
        onClick={openExplore}
        disabled={!request}
        description={request ? undefined : 'Not in snapshots and public dashboards'}
      />
      {source && <Menu.Item label="Open source" icon="brackets-curly" url={source} target="_blank" />}
      {links.map(({ title, href, target, onClick }) => (
        <Menu.Item
          key={`${title} ${href}`}
          label={title}
          icon="link"
          url={href}
          target={target}
          onClick={onClick && ((event) => onClick(event))}
        />
      ))}
    </Menu.Group>
  );
  return <ContextMenu x={at.x} y={at.y} focusOnOpen onClose={onClose} renderMenuItems={items} />;
}
