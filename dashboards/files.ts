import { BUNDLED, GITOPS } from './edition';
import { fleet } from './fleet';
import { goroutineStackPressure } from './goroutineStackPressure';

/** The JSON that is committed, by its path here; the plugin bundles what is not in a folder below. */
export const files = {
  'goroutine-stack-pressure.json': goroutineStackPressure(BUNDLED),
  'goroutine-stack-fleet.json': fleet(BUNDLED),
  'gitops/goroutine-stack-pressure.json': goroutineStackPressure(GITOPS),
  'gitops/goroutine-stack-fleet.json': fleet(GITOPS),
};
