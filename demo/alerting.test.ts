import { robotUrls } from './alerting';

const STAND_IN = 'http://127.0.0.1:8080';
const SLACK_WEBHOOK_URL = 'https://hooks.slack.com/services/x';
const DINGTALK_WEBHOOK_URL = 'https://oapi.dingtalk.com/robot/send?access_token=x';

it('sends both to the stand-in where no address is given', () => {
  expect(robotUrls({}, STAND_IN)).toEqual({ slackUrl: `${STAND_IN}/slack`, dingtalkUrl: `${STAND_IN}/dingtalk` });
});

it('sends to real robots alone where any address is given', () => {
  expect(robotUrls({ SLACK_WEBHOOK_URL }, STAND_IN)).toEqual({ slackUrl: SLACK_WEBHOOK_URL });
  expect(robotUrls({ DINGTALK_WEBHOOK_URL }, STAND_IN)).toEqual({ dingtalkUrl: DINGTALK_WEBHOOK_URL });
  expect(robotUrls({ SLACK_WEBHOOK_URL, DINGTALK_WEBHOOK_URL }, STAND_IN)).toEqual({
    slackUrl: SLACK_WEBHOOK_URL,
    dingtalkUrl: DINGTALK_WEBHOOK_URL,
  });
});

it('sends nothing where the addresses are empty', () => {
  expect(robotUrls({ SLACK_WEBHOOK_URL: '', DINGTALK_WEBHOOK_URL: '' }, STAND_IN)).toEqual({});
});
