import { FOLDER } from './grafanaRule';

/** Made by us, and so removed by us once nothing is in it. */
export const ourFolder = { uid: 'goroutine-stack-pressure', title: FOLDER };
