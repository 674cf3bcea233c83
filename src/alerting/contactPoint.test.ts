import { contactPoint, staleIntegrations } from './contactPoint';
import { MESSAGE_LANGUAGES } from './messageWords';

const slack = { url: 'https://hooks.slack.com/services/T0/B0/secret', from: 'SLACK_WEBHOOK_URL' };
const dingtalk = { url: 'https://oapi.dingtalk.com/robot/send?access_token=secret', from: 'DINGTALK_WEBHOOK_URL' };

describe('contactPoint', () => {
  it.each([
    ['both', { slack, dingtalk }, ['slack', 'dingding'], []],
    ['Slack', { slack }, ['slack'], ['gsp-dingtalk']],
    ['DingTalk', { dingtalk }, ['dingding'], ['gsp-slack']],
  ])('has an integration for each address: %s', (_, addresses, types, stale) => {
    const made = contactPoint(addresses, 'en');
    expect(made?.receivers.map(({ type }) => type)).toEqual(types);
    expect(made && staleIntegrations(made)).toEqual(stale);
  });

  it('is none without an address', () => {
    expect(contactPoint({}, 'en')).toBeUndefined();
  });

  it.each([
    'hooks.slack.com/services',
    'javascript:alert(1)',
    'file:///etc/passwd',
    'https://',
    'https://host/a b',
    'https://host/\nx: y',
    'https://host/?q={{ .ExternalURL }}',
  ])('refuses the address %j by its variable, without showing it', (url) => {
    const refused = () => contactPoint({ slack: { ...slack, url } }, 'en');
    expect(refused).toThrow('SLACK_WEBHOOK_URL is not an http or https address');
    expect(refused).not.toThrow(url);
  });

  it.each(MESSAGE_LANGUAGES.flatMap((language) => [slack, dingtalk].map((address) => ({ address, language }))))(
    'shows no label and no annotation as it is: $address.from $language',
    ({ address, language }) => {
      const made = contactPoint(address === slack ? { slack } : { dingtalk }, language);
      const { url, ...texts } = made?.receivers[0].settings ?? {};
      expect(url).toBe(address.url);
      // Only links of the rule itself are printed by themselves: labels in them are escaped.
      const printed =
        Object.values(texts)
          .join()
          .match(/\{\{ \.(CommonLabels|Labels|Annotations)\.\w+/g) ?? [];
      expect(new Set(printed)).toEqual(
        new Set(['{{ .Annotations.runbook_url', '{{ .Annotations.dashboard_url', '{{ .Annotations.flamegraph_url'])
      );
    }
  );
});
