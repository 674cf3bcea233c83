import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { Message } from './message';
import { dingtalkMarkup, feishuMarkup, type Markup, plainMarkup, wecomMarkup } from './markup';
import type { Secret } from './secret';

export const ROBOT_KINDS = ['dingtalk', 'feishu', 'wecom'] as const;
export type RobotKind = (typeof ROBOT_KINDS)[number];

export interface Mentions {
  mobiles: string[];
  userIds: string[];
  all: boolean;
}

/** A robot's address and what it needs besides. */
export interface RobotAccess {
  url: Secret;
  secret?: Secret;
  mentions: Mentions;
}

export interface RobotRequest {
  url: string;
  body: unknown;
}

/**
 * Why a message was not taken. `throttled`: too many; `security`: keyword, signature or address of the sender; `token`: the
 * address is no robot's; `content`: this message; `robot`: any other code; `http`, `network`, `timeout`: no answer of a robot's.
 */
export const CAUSES = ['throttled', 'security', 'token', 'content', 'robot', 'http', 'network', 'timeout'] as const;
export type Cause = (typeof CAUSES)[number];

/** What a robot made of a message: undefined when it has taken it. */
export type Failure = { cause: Cause; detail: string } | undefined;

export interface Robot {
  /** How its texts are written, and how long they may be. */
  format(mentions: Mentions): { markup: Markup; limit: number };
  request(access: RobotAccess, message: Message, mention: boolean, now: number): RobotRequest;
  /** The code of its answer that stands for success is 0, with all of them; the others are its own. */
  codes: Partial<Record<number, Cause>>;
  /** Messages a minute that it takes, less a tenth; and how many of them at once. */
  perMinute: number;
  burst: number;
}

/**
 * https://open.dingtalk.com/document/robots/custom-robot-access. Twenty messages a minute, else none for ten minutes; 20,000 bytes, of which
 * 2,000 are left for what is around the text. Mobiles are mentioned only when the text has them too.
 */
const dingtalk: Robot = {
  format: () => ({ markup: dingtalkMarkup, limit: 18_000 }),
  perMinute: 18,
  burst: 9,
  request: ({ url, secret, mentions }, { title, text }, mention, now) => {
    const address = new URL(url.reveal());
    if (secret) {
      address.searchParams.set('timestamp', String(now));
      address.searchParams.set('sign', hmac(secret.reveal(), `${now}\n${secret.reveal()}`));
    }
    const named = mention ? [...mentions.mobiles, ...mentions.userIds].map((name) => `@${name}`) : [];
    return {
      url: address.href,
      body: {
        msgtype: 'markdown',
        markdown: { title, text: [text, ...(named.length > 0 ? [named.join(' ')] : [])].join(dingtalkMarkup.newLine) },
        at: {
          atMobiles: mention ? mentions.mobiles : [],
          atUserIds: mention ? mentions.userIds : [],
          isAtAll: mention && mentions.all,
        },
      },
    };
  },
  codes: {
    130101: 'throttled',
    410100: 'throttled',
    660026: 'throttled',
    90018: 'throttled',
    310000: 'security',
    300001: 'token',
    300005: 'token',
    400013: 'token',
    400101: 'token',
    400102: 'token',
    400106: 'token',
    40035: 'content',
    400105: 'content',
    430101: 'content',
    430102: 'content',
    430103: 'content',
    430104: 'content',
    460101: 'content',
  },
};

const COLORS: Record<Message['tone'], string> = { critical: 'red', warning: 'orange', info: 'blue', resolved: 'green' };

/**
 * https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot. A hundred messages a minute and five a second: at once
 * three, then one and a half a second. Bodies of 20 kB. The signature's key is what others sign, and it signs nothing.
 */
const feishu: Robot = {
  format: () => ({ markup: feishuMarkup, limit: 18_000 }),
  perMinute: 90,
  burst: 3,
  request: ({ url, secret, mentions }, { title, text, tone }, mention, now) => {
    const seconds = String(Math.floor(now / 1000));
    const ids = mention ? [...mentions.userIds, ...(mentions.all ? ['all'] : [])] : [];
    const content = [text, ...(ids.length > 0 ? [ids.map((id) => `<at id=${id}></at>`).join(' ')] : [])];
    return {
      url: url.reveal(),
      body: {
        ...(secret ? { timestamp: seconds, sign: hmac(`${seconds}\n${secret.reveal()}`, '') } : {}),
        msg_type: 'interactive',
        card: {
          config: { wide_screen_mode: true },
          header: { title: { tag: 'plain_text', content: title }, template: COLORS[tone] },
          elements: [{ tag: 'markdown', content: content.join(feishuMarkup.newLine) }],
        },
      },
    };
  },
  codes: {
    9499: 'content',
    19002: 'content',
    11246: 'content',
    230028: 'content',
    11232: 'throttled',
    11233: 'throttled',
    99991400: 'throttled',
    19001: 'token',
    19021: 'security',
    19022: 'security',
    19024: 'security',
  },
};

/**
 * https://developer.work.weixin.qq.com/document/path/91770. Twenty messages a minute. Its markdown mentions user ids only, and has 4,096
 * bytes; its text mentions mobiles and everybody, and has 2,048. So the text is used where it is needed.
 */
const wecom: Robot = {
  format: (mentions) =>
    needsText(mentions) ? { markup: plainMarkup, limit: 2_000 } : { markup: wecomMarkup, limit: 3_600 },
  perMinute: 18,
  burst: 9,
  request: ({ url, mentions }, { text }, mention) => {
    if (needsText(mentions)) {
      const everybody = mentions.all ? ['@all'] : [];
      return {
        url: url.reveal(),
        body: {
          msgtype: 'text',
          text: {
            content: text,
            mentioned_list: mention ? [...mentions.userIds, ...everybody] : [],
            mentioned_mobile_list: mention ? mentions.mobiles : [],
          },
        },
      };
    }
    const ids = mention ? mentions.userIds.map((id) => `<@${id}>`) : [];
    return {
      url: url.reveal(),
      body: {
        msgtype: 'markdown',
        markdown: { content: [text, ...(ids.length > 0 ? [ids.join(' ')] : [])].join(wecomMarkup.newLine) },
      },
    };
  },
  codes: {
    45009: 'throttled',
    45033: 'throttled',
    93000: 'token',
    40008: 'content',
    40058: 'content',
    44004: 'content',
    45002: 'content',
  },
};

function needsText({ mobiles, all }: Mentions): boolean {
  return mobiles.length > 0 || all;
}

function hmac(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64');
}

export const ROBOTS: Record<RobotKind, Robot> = { dingtalk, feishu, wecom };

const answerSchema = z.object({
  errcode: z.number().optional(),
  errmsg: z.string().optional(),
  code: z.number().optional(),
  msg: z.string().optional(),
});

/** Reads an answer: robots answer with HTTP 200 whatever they think of the message. */
export function failureOf(robot: Robot, status: number, body: string): Failure {
  if (status === 429) {
    return { cause: 'throttled', detail: 'HTTP 429' };
  }
  const answer = answerSchema.safeParse(parse(body));
  const code = answer.data?.errcode ?? answer.data?.code;
  if (code === undefined) {
    return { cause: 'http', detail: `HTTP ${status}, and no code of a robot in the answer` };
  }
  if (code === 0 && status >= 200 && status < 300) {
    return undefined;
  }
  const text = answer.data?.errmsg ?? answer.data?.msg ?? '';
  return { cause: robot.codes[code] ?? 'robot', detail: `HTTP ${status}, code ${code}: ${text.slice(0, 300)}` };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
