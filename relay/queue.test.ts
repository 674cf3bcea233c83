import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Alert, Notification } from './alert';
import { Queue, QueueFull } from './queue';

let folder: string;
let file: string;
let now: number;
const clock = { now: () => now, sleep: async () => undefined };

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'relay-queue-'));
  file = path.join(folder, 'journal');
  now = Date.parse('2026-11-25T02:44:00Z');
});
const opened = new Set<Queue>();
afterEach(async () => {
  await Promise.all([...opened].map((queue) => queue.close()));
  opened.clear();
  rmSync(folder, { recursive: true });
});

async function open(maxBytes = 1 << 20) {
  const result = await Queue.open(file, { clock, maxBytes, repeat: 600_000 });
  opened.add(result.queue);
  return result;
}

function alerts(fingerprints: string[], change: Partial<Alert> = {}): Notification {
  const startsAt = '2026-11-25T02:42:03Z';
  const each = { status: 'firing' as const, startsAt, labels: {}, annotations: {}, links: {}, ...change };
  return { groupKey: 'g', truncated: 0, alerts: fingerprints.map((fingerprint) => ({ ...each, fingerprint })) };
}

const waiting = (queue: Queue) => queue.of('t').map(({ alert }) => alert.fingerprint);

it('what was accepted and not told waits after a restart', async () => {
  const { queue } = await open();
  const { ids } = await queue.accept('t', alerts(['a', 'b', 'c']));
  await queue.told([ids[1]]);
  // Killed: nothing is closed.
  const again = await open();
  expect(waiting(again.queue)).toEqual(['a', 'c']);
  expect(again).toMatchObject({ damaged: 0, torn: false });
});

it('a torn last line is cut off, and what follows is read', async () => {
  const { queue } = await open();
  await queue.accept('t', alerts(['a']));
  appendFileSync(file, '{"line":"accepted","entry":{"id":2,"aler');
  const again = await open();
  expect(again).toMatchObject({ damaged: 0, torn: true });
  await again.queue.accept('t', alerts(['b']));
  expect(waiting((await open()).queue)).toEqual(['a', 'b']);
});

it('a damaged line costs no other, and the file as it was is kept', async () => {
  const { queue } = await open();
  await queue.accept('t', alerts(['a']));
  await queue.accept('t', alerts(['b']));
  const [first, second] = readFileSync(file, 'utf8').split('\n');
  writeFileSync(file, `${first}\n{"line":"acce\u0000\n${second}\n`);
  const again = await open();
  expect(again).toMatchObject({ damaged: 1, torn: false });
  expect(waiting(again.queue)).toEqual(['a', 'b']);
  expect(readdirSync(folder).filter((name) => name.includes('damaged'))).toHaveLength(1);
});

it('the same alert in the same state is accepted once, waiting or told, for some time', async () => {
  const { queue } = await open();
  const first = await queue.accept('t', alerts(['a']));
  expect(await queue.accept('t', alerts(['a', 'b']))).toMatchObject({ added: 1, ids: [first.ids[0], 2] });
  await queue.told([1, 2]);
  const again = (await open()).queue;
  expect(await again.accept('t', alerts(['a']))).toEqual({ added: 0, ids: [] });
  now += 600_001;
  expect(await again.accept('t', alerts(['a']))).toMatchObject({ added: 1 });
});

it('another state, another start, another group or another target is another alert', async () => {
  const { queue } = await open();
  await queue.accept('t', alerts(['a']));
  await queue.told([1]);
  expect(await queue.accept('t', alerts(['a'], { status: 'resolved' }))).toMatchObject({ added: 1 });
  expect(await queue.accept('t', alerts(['a'], { startsAt: '2026-11-25T03:00:00Z' }))).toMatchObject({ added: 1 });
  expect(await queue.accept('t', { ...alerts(['a']), groupKey: 'h' })).toMatchObject({ added: 1 });
  expect(await queue.accept('u', alerts(['a']))).toMatchObject({ added: 1 });
});

it('what is given up may come again', async () => {
  const { queue } = await open();
  await queue.accept('t', alerts(['a']));
  await queue.giveUp([1]);
  expect(await queue.accept('t', alerts(['a']))).toMatchObject({ added: 1 });
});

it('a full queue takes nothing, and takes again when something was told', async () => {
  const { queue } = await open(1_000);
  await queue.accept('t', alerts(['a', 'b', 'c']));
  const many = alerts(['d', 'e', 'f', 'g', 'h']);
  await expect(queue.accept('t', many)).rejects.toThrow(QueueFull);
  expect(waiting(queue)).toEqual(['a', 'b', 'c']);
  await queue.told([1, 2, 3]);
  expect(queue.bytes).toBe(0);
  expect(await queue.accept('t', alerts(['d']))).toMatchObject({ added: 1 });
});

it('a journal does not grow by what was told, and being rewritten loses nothing', async () => {
  const { queue } = await open(64 << 20);
  const description = 'x'.repeat(10_000);
  for (let i = 0; i < 500; i++) {
    const { ids } = await queue.accept('t', alerts([`told${i}`], { annotations: { description } }));
    if (i % 50 > 0) {
      await queue.told(ids);
    }
  }
  expect(statSync(file).size).toBeLessThan(3 << 20);
  const again = (await open(64 << 20)).queue;
  expect(waiting(again)).toEqual(waiting(queue));
  expect(waiting(again)).toHaveLength(10);
  expect(await again.accept('t', alerts(['told499']))).toMatchObject({ added: 0 });
});

it('alerts that come together are on the disk together', async () => {
  const { queue } = await open();
  await Promise.all(Array.from({ length: 200 }, (_, i) => queue.accept('t', alerts([`a${i}`]))));
  expect(waiting((await open()).queue)).toHaveLength(200);
});
