import { createElement, Fragment, type ElementType } from 'react';

/**
 * `react/jsx-runtime` for the dependencies that are compiled to it: Grafana lends React, but not this part of it before
 * 12.2.5, and a bundled one would make elements of another React than Grafana's.
 */
export function jsx(type: ElementType, { children, ...props }: { children?: unknown }, key?: string) {
  const attributes = key === undefined ? props : { ...props, key };
  const list = children === undefined ? [] : Array.isArray(children) ? children : [children];
  return createElement(type, attributes, ...list);
}

export const jsxs = jsx;

export { Fragment };
