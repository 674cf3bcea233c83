// Jest setup provided by Grafana scaffolding
import './.config/jest-setup';

// What jsdom lacks and browsers have.
window.matchMedia ??= (media) => ({ media, matches: false, addEventListener() {}, removeEventListener() {} });
window.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
window.IntersectionObserver ??= window.ResizeObserver;

// Outside Grafana, the frame of an app's page leaves out its actions and its subtitle.
jest.mock('@grafana/runtime', () => {
  const { createElement, Fragment } = jest.requireActual('react');
  return {
    ...jest.requireActual('@grafana/runtime'),
    PluginPage: ({ subTitle, actions, children }) => createElement(Fragment, null, subTitle, actions, children),
  };
});

// Machines that run tests are shared: a test waits for what it looks for, and no test is about how long that takes.
require('@testing-library/react').configure({ asyncUtilTimeout: 15_000 });
jest.setTimeout(60_000);
