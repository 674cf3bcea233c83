import { formatChange } from './formatChange';

it.each([
  [1234, '+1,234 B'],
  [-1234, '−1,234 B'],
  [0, '0 B'],
  [undefined, '–'],
])('%p is written %s', (change, text) => {
  expect(formatChange(change, (value) => `${value.toLocaleString('en')} B`)).toBe(text);
});
