/** Where Grafana sends the alert; an address that is absent has no integration. */
export interface RobotUrls {
  slackUrl?: string;
  dingtalkUrl?: string;
}

/**
 * The addresses of the environment. Where neither variable is defined, the stand-in's; a variable that is defined and
 * empty leaves its robot out.
 */
export function robotUrls(env: NodeJS.ProcessEnv, standIn: string): RobotUrls {
  const { SLACK_WEBHOOK_URL: slack, DINGTALK_WEBHOOK_URL: dingtalk } = env;
  if (slack === undefined && dingtalk === undefined) {
    return { slackUrl: `${standIn}/slack`, dingtalkUrl: `${standIn}/dingtalk` };
  }
  return { slackUrl: slack || undefined, dingtalkUrl: dingtalk || undefined };
}
