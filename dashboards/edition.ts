import { DASHBOARD_UID, FLEET_DASHBOARD_UID } from '../src/constants';

/** Which copy of the two dashboards: their links lead to each other. */
export interface Edition {
  uid: string;
  title: string;
  fleetUid: string;
  fleetTitle: string;
}

/** Imported by the app, anew with each revision, and by nothing else. */
export const BUNDLED: Edition = {
  uid: DASHBOARD_UID,
  title: 'Goroutine Stack Pressure',
  fleetUid: FLEET_DASHBOARD_UID,
  fleetTitle: 'Goroutine Stack Pressure: fleet',
};

/** For who provisions dashboards from git: under other uids and titles, or the app's next import would fail. */
export const GITOPS: Edition = {
  uid: 'goroutine-stack-pressure-gitops',
  title: 'Goroutine Stack Pressure (GitOps)',
  fleetUid: 'goroutine-stack-fleet-gitops',
  fleetTitle: 'Goroutine Stack Pressure: fleet (GitOps)',
};

/**
 * Raise it with each change of a dashboard: Grafana imports the new JSON only where this number differs from that of the copy
 * that it has.
 */
export const REVISION = 6;
