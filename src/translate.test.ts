import { t } from './translate';

test('values are shown as they are', () => {
  expect(t('test.of', '{{present}} in {{job}}', { present: '8/8', job: `a&b<c>"'` })).toBe(`8/8 in a&b<c>"'`);
});
