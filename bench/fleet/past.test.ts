import { past, PROCESSES_PAST, TREES_PAST } from './past';
import { fleet } from './shape';

test('the past of a job has each process’s series in the order of time, up to now, with its target’s labels', () => {
  const job = fleet(50, 40).at(-1)!;
  const now = 1_800_000_000;
  const lines = [...past({ ...job, processes: [job.processes[0]] }, now)].join('').trimEnd().split('\n');
  const { instance } = job.processes[0];
  const timesOf = (start: string) => lines.filter((line) => line.startsWith(start)).map((line) => +line.split(' ')[2]);
  const goroutines = timesOf(`go_goroutines{instance="${instance}",job="${job.job}"} `);
  expect(goroutines).toHaveLength(PROCESSES_PAST.seconds / PROCESSES_PAST.step + 1);
  expect(goroutines).toEqual([...goroutines].sort());
  expect(goroutines.at(-1)).toBe(now);
  const up = timesOf(`up{instance="${instance}",job="${job.treeJob}"} `);
  expect(up).toHaveLength(TREES_PAST.seconds / TREES_PAST.step + 1);
});
