// Jest setup provided by Grafana scaffolding
import './.config/jest-setup';

// What jsdom lacks and browsers have.
window.matchMedia ??= (media) => ({ media, matches: false, addEventListener() {}, removeEventListener() {} });
window.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
// d3-transition interpolates transforms; an empty list stands for "none yet".
Object.defineProperty(window.SVGElement.prototype, 'transform', {
  configurable: true,
  get: () => ({ baseVal: { consolidate: () => null } }),
});
