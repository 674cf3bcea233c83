// A stand-in for Slack's and DingTalk's webhooks: shows what each robot would get. No packages, so that a container can
// run this file as it is.
import { createServer } from 'node:http';

const KEPT = 100;
const LARGEST_BODY = 1 << 20;

/** What each service answers when it has taken a message. */
const ANSWERS = {
  '/slack': { type: 'text/plain', body: 'ok' },
  '/dingtalk': { type: 'application/json', body: '{"errcode":0,"errmsg":"ok"}' },
};

/** @type {Array<{ robot: string, time: string, body: string }>} newest first */
const messages = [];

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://robots');
  const send = (status, type, body) =>
    response
      .writeHead(status, { 'content-type': `${type}; charset=utf-8`, 'x-content-type-options': 'nosniff' })
      .end(body);
  const answer = ANSWERS[pathname];
  if (answer && request.method === 'POST') {
    let body = '';
    try {
      for await (const chunk of request.setEncoding('utf8')) {
        body += chunk;
        if (body.length > LARGEST_BODY) {
          return send(413, 'text/plain', 'too large');
        }
      }
    } catch {
      // Its sender went away in the middle of it.
      return;
    }
    messages.unshift({ robot: pathname.slice(1), time: new Date().toISOString(), body });
    messages.length = Math.min(messages.length, KEPT);
    return send(200, answer.type, answer.body);
  }
  if (pathname === '/messages') {
    return send(200, 'application/json', JSON.stringify(messages));
  }
  return pathname === '/' ? send(200, 'text/html', page()) : send(404, 'text/plain', 'not found');
});

function page() {
  const rows = messages.map(
    ({ robot, time, body }) =>
      `<article><h2>${SERVICES[robot].name} <time>${escape(time)}</time></h2>
${cardsOf(body)
  .map(
    ({ title, text, color }) =>
      `<section style="border-color: ${COLOR.test(color) ? color : 'transparent'}"><h3>${escape(unescape(title))}</h3><p>${markedUp(text, SERVICES[robot])}</p></section>`
  )
  .join('')}
<details><summary>Body</summary><pre>${escape(pretty(body))}</pre></details></article>`
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="5"><title>Robots</title>
<style>
  :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
  body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  article { border: 1px solid #8886; border-radius: 6px; padding: 0 1rem; margin: 1rem 0; }
  section { border-left: 4px solid; border-radius: 2px; padding-left: 0.75rem; }
  h2, h3 { font-size: 1rem; margin: 0.75rem 0 0.25rem; } time { font-weight: normal; opacity: 0.7; }
  p, pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0.25rem 0; }
  code { background: #8883; border-radius: 3px; padding: 0 0.25em; }
  details { margin: 0.5rem 0 1rem; }
</style>
<h1>What Slack and DingTalk would get</h1>
<p>A stand-in for their webhooks. Set SLACK_WEBHOOK_URL and DINGTALK_WEBHOOK_URL to send to real ones.</p>
${rows.join('\n') || '<p>Nothing yet: the alert fires some seven minutes after the leak began.</p>'}</html>`;
}

const COLOR = /^#[\da-f]{6}$/i;

/**
 * What each service makes of its markup, as far as our messages use it: a text's pieces, of which each may be a link, an emphasis, code, or an
 * escaped character.
 */
const SERVICES = {
  slack: {
    name: 'Slack',
    markup: /<(?<address>https?:[^|>]+)\|(?<link>[^>]*)>|\*(?<bold>[^*\n]+)\*|`(?<code>[^`\n]+)`/g,
    newLine: '\n',
  },
  dingtalk: {
    name: 'DingTalk',
    markup: /\[(?<link>[^\]]*)\]\((?<address>https?:[^)]+)\)|\*\*(?<bold>[^*\n]+)\*\*|\\(?<plain>[\\*`~])/g,
    newLine: '\n\n',
  },
};

function markedUp(text, { markup, newLine }) {
  let html = '';
  let from = 0;
  for (const match of text.matchAll(markup)) {
    html += escape(unescape(text.slice(from, match.index)));
    const { address, link, bold, code, plain } = match.groups;
    const inner = escape(unescape(link ?? bold ?? code ?? plain ?? ''));
    html += address
      ? `<a href="${escape(address)}">${inner}</a>`
      : bold
        ? `<b>${inner}</b>`
        : code
          ? `<code>${inner}</code>`
          : inner;
    from = match.index + match[0].length;
  }
  return (html + escape(unescape(text.slice(from)))).replaceAll(newLine, '\n').trim();
}

/** Title and text of what a person would read: Slack's attachments, DingTalk's card or Markdown. */
function cardsOf(body) {
  const { attachments, actionCard, markdown } = parse(body) ?? {};
  const cards = [attachments, actionCard, markdown].flat().filter((card) => card?.title && card.text);
  return cards.map(({ title, text, color }) => ({ title: String(title), text: String(text), color: String(color) }));
}

/** The entities that both services write `&`, `<` and `>` as. */
function unescape(text) {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

function pretty(body) {
  const message = parse(body);
  return message === undefined ? body : JSON.stringify(message, null, 2);
}

function parse(body) {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function escape(text) {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const [host, port] = [process.env.ROBOTS_HOST ?? '127.0.0.1', Number(process.env.ROBOTS_PORT ?? 8080)];
server.listen(port, host, () => console.log(`robots ready: http://${host}:${server.address().port}/`));
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => process.exit(0));
}
