import { DASHBOARD_UID } from '../constants';
import { FOLDER } from './grafanaRule';

/** Made by us, and so removed by us once nothing is in it. Folders and dashboards may not have the same uid. */
export const ourFolder = { uid: `${DASHBOARD_UID}-alerts`, title: FOLDER };
