import { randomBytes } from 'node:crypto';
import { type Check, finding } from '../../check.ts';
import type { Context } from '../../context.ts';
import { answerText, isOpened } from '../../probe/answer.ts';
import { ask } from '../../probe/ask.ts';
import { askAll, isCalm, neverOpens, tell, type Variant } from './variants.ts';

/** Of the host and the path that are asked for: RFC 9112 §3.2. */
export const TARGET_CHECKS: readonly Check[] = [
  neverOpens({
    id: 'host-field',
    title: 'There is exactly one Host, and it is one',
    weight: 'medium',
    standard: 'RFC 9112 §3.2',
    why: 'A proxy and the server that take different fields for the Host send a request to a site whose rules were never asked.',
    mend: 'Answer 400 to every request with no Host, with two, or with one that is not a host.',
    variants: ({ target: { authority } }) => [
      ['no Host', { fields: { Host: null } }],
      ['two Hosts', { fields: { Host: [authority, 'sallyport-audit.invalid'] } }],
      ['Host: [', { fields: { Host: '[' } }],
      ['Host: a b', { fields: { Host: `${authority} b` } }],
      ['Host: a:b:c', { fields: { Host: 'a:b:c' } }],
      ['Host: %', { fields: { Host: '%' } }],
    ],
  }),
  neverOpens({
    id: 'host-foreign',
    title: 'A Host that is not served opens nothing',
    weight: 'low',
    standard: 'RFC 9110 §7.4',
    why: 'A name that an attacker rebinds to this address (DNS rebinding) makes a browser treat the endpoint as theirs.',
    mend: 'Answer 421 unless the Host is one of the names that are served here.',
    variants: () => [['Host: sallyport-audit.invalid', { fields: { Host: 'sallyport-audit.invalid' } }]],
  }),
  neverOpens({
    id: 'target-form',
    title: 'The request target is a path',
    weight: 'medium',
    standard: 'RFC 9112 §3.2',
    why: 'What routes by one part of the target and decides access by another can be led past its rules; some servers end on targets that are no path.',
    mend: 'Answer 400 to an upgrade whose target is not in origin-form.',
    variants: ({ target: { authority, path } }) => [
      ['*', { target: '*' }],
      ['nothing', { target: '' }],
      ['host:port', { target: authority }],
      ['the URL of another host', { target: `http://sallyport-audit.invalid${path}` }],
    ],
  }),
  unknownPath(),
  pathForms(),
  neverOpens({
    id: 'target-long',
    title: 'A target of 64 KiB is refused',
    weight: 'low',
    standard: 'RFC 9110 §15.5.15',
    why: 'Every byte of a target is held, logged and matched before anything is known of who asks.',
    mend: 'Bound the request line, to 8 KiB for example, and answer 414.',
    variants: ({ target: { path } }) => [
      ['64 KiB', { target: `${path}${path.includes('?') ? '&' : '?'}${'a'.repeat(65_536)}` }],
    ],
  }),
];

/** Whether just any path opens: then forms of a path show nothing. */
function opensAnywhere(context: Context): Promise<boolean> {
  return context.once('any path', async () => isOpened(await ask(context, { target: nowhere() })));
}

function nowhere(): string {
  return `/sallyport-audit-${randomBytes(4).toString('hex')}`;
}

function unknownPath(): Check {
  return {
    id: 'path-unknown',
    group: 'handshake',
    title: 'A path that nobody serves opens nothing',
    weight: 'low',
    standard: 'OWASP ASVS 5.0 §8.2.1',
    why: 'What is opened under any name is not found in any list: rules, limits and logs by path miss it.',
    mend: 'Accept upgrades on the paths that are served, and answer 404 to others.',
    needs: ['open'],
    async run(context) {
      const sent = 'an upgrade to a random path';
      return (await opensAnywhere(context))
        ? finding.fail(sent, 'the WebSocket opens')
        : finding.pass(sent, 'refused');
    },
  };
}

function pathForms(): Check {
  return {
    id: 'path-form',
    group: 'handshake',
    title: 'Other spellings of the path open nothing',
    weight: 'low',
    standard: 'RFC 3986 §6; OWASP ASVS 5.0 §1.1.1',
    why: 'If rules are by path, each spelling that one layer understands and another does not is a way around them.',
    mend: 'Refuse paths that are not in normal form, or normalise once, before every decision.',
    needs: ['open'],
    async run(context) {
      if (await opensAnywhere(context)) return finding.info('nothing', 'every path opens: see path-unknown');
      const { path } = context.target;
      const variants: Variant[] = [
        ['/audit/.. before it', { target: `/audit/..${path}` }],
        ['/audit/%2e%2e before it', { target: `/audit/%2e%2e${path}` }],
        ['a second slash', { target: `/${path}` }],
        ['%00 behind it', { target: `${path}%00` }],
        ['%ff behind it', { target: `${path}%ff` }],
        ['%2f in its place', { target: `/%2f${path.slice(1)}` }],
      ];
      const answers = await askAll(context, variants);
      const opened = answers.filter(([, answer]) => isOpened(answer));
      return tell(opened.length === 0 ? 'pass' : 'fail', answers, opened);
    },
  };
}

/** Of requests that are no upgrade. */
export const OTHER_REQUEST_CHECKS: readonly Check[] = [
  {
    id: 'plain-request',
    group: 'handshake',
    title: 'A request that is no upgrade gets an answer, and no 5xx',
    weight: 'low',
    standard: 'RFC 9110 §15.5.22; OWASP ASVS 5.0 §16.5.1',
    why: 'Health checks and crawlers come without Upgrade. Silence holds a connection open; a 5xx is a fault that anybody can cause.',
    mend: 'Answer 426 with Upgrade: websocket, or 404.',
    async run(context) {
      const answer = await ask(context, {
        token: null,
        fields: { Upgrade: null, Connection: null, 'Sec-WebSocket-Key': null, 'Sec-WebSocket-Version': null },
      });
      const sent = 'GET without an upgrade';
      const isRight = answer.kind === 'head' && answer.status < 500 && answer.status !== 101;
      return (isRight ? finding.pass : finding.fail)(sent, answerText(answer));
    },
  },
  {
    id: 'other-methods',
    group: 'handshake',
    title: 'TRACE, CONNECT and HTTP/2 are refused; OPTIONS breaks nothing',
    weight: 'medium',
    standard: 'RFC 9110 §9.3.6, §9.3.8; OWASP ASVS 5.0 §13.4.4',
    why: 'TRACE sends back the fields a page may not read; CONNECT makes a proxy of the server.',
    mend: 'Answer 405.',
    async run(context) {
      const plain = {
        Upgrade: null,
        Connection: null,
        'Sec-WebSocket-Key': null,
        'Sec-WebSocket-Version': null,
      };
      const answers = await askAll(context, [
        ['TRACE', { method: 'TRACE', fields: plain, token: null }],
        [
          'CONNECT to itself',
          { method: 'CONNECT', target: context.target.authority, fields: plain, token: null },
        ],
        ['OPTIONS', { method: 'OPTIONS', fields: plain, token: null }],
        ['PRI * HTTP/2.0', { method: 'PRI', target: '*', version: 'HTTP/2.0', fields: plain, token: null }],
      ]);
      const wrong = answers.filter(([name, answer]) =>
        name === 'OPTIONS'
          ? !isCalm(answer) || isOpened(answer)
          : answer.kind === 'head' && answer.status < 300,
      );
      const finds = tell(wrong.length === 0 ? 'pass' : 'fail', answers, wrong);
      return { ...finds, sent: 'TRACE; CONNECT to the endpoint itself; OPTIONS; PRI * HTTP/2.0' };
    },
  },
  {
    id: 'version-banner',
    group: 'handshake',
    title: 'Answers do not say which version of what they come from',
    weight: 'low',
    standard: 'OWASP ASVS 5.0 §13.4.6',
    why: 'A version in a header is a list of the faults to try.',
    mend: 'Take Server and X-Powered-By out, or leave the name alone (nginx: server_tokens off).',
    async run(context) {
      const answer = await ask(context, { token: null, fields: { Upgrade: null, Connection: null } });
      const sent = 'GET without an upgrade';
      if (answer.kind !== 'head') return finding.inconclusive(sent, answerText(answer));
      const told = [...answer.fields, ...(context.opening.kind === 'head' ? context.opening.fields : [])]
        .filter(
          ([name, value]) =>
            /^(server|x-powered-by|x-aspnet-version|via)$/.test(name) && /\d+\.\d+/.test(value),
        )
        .map(([name, value]) => `${name}: ${value}`);
      return told.length === 0
        ? finding.pass(sent, 'no version in any field')
        : finding.fail(sent, [...new Set(told)].join('; '));
    },
  },
];
