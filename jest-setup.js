// Jest setup provided by Grafana scaffolding
import './.config/jest-setup';

// What jsdom lacks and browsers have.
window.matchMedia ??= (media) => ({ media, matches: false, addEventListener() {}, removeEventListener() {} });
window.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
