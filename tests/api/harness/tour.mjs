import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { patience } from './wait.mjs';

const tour = fileURLToPath(new URL('../../../examples/tour.sh', import.meta.url));

/** Walks the tour against the server at `url`: {code, stdout, stderr}. */
export const walkTour = (url) => new Promise((resolve) => {
  const env = { PATH: process.env.PATH, BALCAO_URL: url };
  execFile(tour, { env, timeout: patience }, (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }));
});
