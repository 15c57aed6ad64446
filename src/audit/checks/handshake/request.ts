import type { Check } from '../../check.ts';
import { finding } from '../../check.ts';
import { answerText, isOpened, valuesOf } from '../../probe/answer.ts';
import { alwaysOpens, askAll, neverOpens, type Variant } from './variants.ts';

const STRICT =
  'Check the request line and every field of RFC 6455 §4.2.1 before the upgrade is accepted, or put a gateway in front that does.';

/** Of the request line and the fields that make an upgrade: RFC 6455 §4.2.1. */
export const REQUEST_CHECKS: readonly Check[] = [
  alwaysOpens({
    id: 'upgrade-spelling',
    title: 'Upgrade and Connection are read as RFC 9110 writes them',
    weight: 'medium',
    standard: 'RFC 6455 §4.2.1; RFC 9110 §7.6.1, §7.8',
    why: 'Names are compared without case and Connection is a list: Firefox sends "keep-alive, Upgrade". Who reads more narrowly locks real browsers out.',
    mend: 'Compare Upgrade and the elements of Connection without case, and read Connection as a list.',
    variants: () => [
      ['Upgrade: WebSocket', { fields: { Upgrade: 'WebSocket', Connection: 'upgrade' } }],
      ['Connection: keep-alive, Upgrade', { fields: { Connection: 'keep-alive, Upgrade' } }],
      ['the same as two fields', { fields: { Connection: ['keep-alive', 'Upgrade'] } }],
    ],
  }),
  neverOpens({
    id: 'method',
    title: 'Only GET opens a WebSocket',
    weight: 'medium',
    standard: 'RFC 6455 §4.2.1',
    why: 'Rules by method (CSRF protection, a proxy’s cache and its access lists) are written for GET; an upgrade by POST passes beside them.',
    mend: STRICT,
    variants: () => [
      ['POST', { method: 'POST' }],
      ['PUT', { method: 'PUT' }],
    ],
  }),
  neverOpens({
    id: 'http-version',
    title: 'HTTP/1.0 opens no WebSocket',
    weight: 'low',
    standard: 'RFC 6455 §4.2.1; RFC 9110 §7.8',
    why: 'HTTP/1.0 has no Upgrade. A proxy that does not know the connection became a tunnel may read what follows as requests.',
    mend: STRICT,
    variants: () => [['HTTP/1.0', { version: 'HTTP/1.0' }]],
  }),
  neverOpens({
    id: 'upgrade-fields',
    title: 'Without Upgrade and Connection there is no WebSocket',
    weight: 'medium',
    standard: 'RFC 6455 §4.2.1',
    why: 'A page can send GET to any host; only the fields of an upgrade, which no form or image sends, show that a WebSocket client asks.',
    mend: STRICT,
    variants: () => [
      ['no Connection', { fields: { Connection: null } }],
      ['Connection: keep-alive', { fields: { Connection: 'keep-alive' } }],
      ['no Upgrade', { fields: { Upgrade: null } }],
      ['Upgrade: websocketa', { fields: { Upgrade: 'websocketa' } }],
    ],
  }),
  neverOpens({
    id: 'h2c-upgrade',
    title: 'An upgrade to h2c is not accepted',
    weight: 'high',
    standard: 'RFC 9113 §3.1; RFC 9110 §7.8',
    why: 'A proxy that forwards Upgrade: h2c opens a tunnel to the backend in which its rules are no longer applied.',
    mend: 'Forward Upgrade only if its value is websocket, and never HTTP2-Settings.',
    variants: () => [
      [
        'Upgrade: h2c',
        {
          fields: {
            Upgrade: 'h2c',
            Connection: 'Upgrade, HTTP2-Settings',
            'HTTP2-Settings': 'AAMAAABkAAQAAP__',
          },
        },
      ],
    ],
  }),
  neverOpens({
    id: 'key',
    title: 'Sec-WebSocket-Key is 16 bytes in base64',
    weight: 'low',
    standard: 'RFC 6455 §4.2.1',
    why: 'The key shows that the client knows WebSocket; what accepts any is not checking the handshake.',
    mend: STRICT,
    variants: () => [
      ['no key', { fields: { 'Sec-WebSocket-Key': null } }],
      ['an empty key', { fields: { 'Sec-WebSocket-Key': '' } }],
      ['15 bytes', { fields: { 'Sec-WebSocket-Key': Buffer.alloc(15, 7).toString('base64') } }],
      ['17 bytes', { fields: { 'Sec-WebSocket-Key': Buffer.alloc(17, 7).toString('base64') } }],
      ['not base64', { fields: { 'Sec-WebSocket-Key': '????????????????????????' } }],
    ],
  }),
  version(),
  neverOpens({
    id: 'version-syntax',
    title: 'Sec-WebSocket-Version is exactly 13, once',
    weight: 'low',
    standard: 'RFC 6455 §4.1, §11.3.5',
    why: 'Two readers of one request that disagree on its version disagree on what follows it.',
    mend: STRICT,
    variants: () => [
      ['013', { fields: { 'Sec-WebSocket-Version': '013' } }],
      ['+13', { fields: { 'Sec-WebSocket-Version': '+13' } }],
      ['13;', { fields: { 'Sec-WebSocket-Version': '13;' } }],
      ['13, 8', { fields: { 'Sec-WebSocket-Version': '13, 8' } }],
      ['13 and 8 as two fields', { fields: { 'Sec-WebSocket-Version': ['13', '8'] } }],
    ],
  }),
  neverOpens({
    id: 'legacy-handshake',
    title: 'Handshakes older than RFC 6455 are refused',
    weight: 'medium',
    standard: 'RFC 6455 §4.2.1',
    why: 'Hixie-76 and the early drafts have no masking and can be confused with other protocols by caches on the way.',
    mend: 'Drop the support for drafts: no browser has needed it since 2012.',
    variants: () => [
      [
        'Sec-WebSocket-Key1 and -Key2',
        {
          fields: {
            'Sec-WebSocket-Key': null,
            'Sec-WebSocket-Version': null,
            'Sec-WebSocket-Key1': '18x 6]8vM;54 *(5:  {   U1]8  z [  8',
            'Sec-WebSocket-Key2': '1_ tx7X d  <  nw  334J702) 7]o}` 0',
          },
          rest: Buffer.from('Tm[K T2u'),
        },
      ],
    ],
  }),
];

const VERSIONS = ['0', '7', '8', '12', '14', '255'] as const;

function version(): Check {
  return {
    id: 'version',
    group: 'handshake',
    title: 'Other versions are refused, and 13 is named',
    weight: 'medium',
    standard: 'RFC 6455 §4.2.2, §4.4',
    why: 'Version 8 and older are drafts whose clients are long gone. A refusal that names 13 lets a client try again.',
    mend: 'Refuse every Sec-WebSocket-Version but 13 with 426 and Sec-WebSocket-Version: 13.',
    needs: ['open'],
    async run(context) {
      const variants: Variant[] = [
        ['no version', { fields: { 'Sec-WebSocket-Version': null } }],
        ...VERSIONS.map(
          (each): Variant => [`version ${each}`, { fields: { 'Sec-WebSocket-Version': each } }],
        ),
      ];
      const answers = await askAll(context, variants);
      const sent = `upgrades with ${variants.map(([name]) => name).join(', ')}`;
      const opened = answers.filter(([, answer]) => isOpened(answer)).map(([name]) => name);
      if (opened.length > 0) return finding.fail(sent, `opened with ${opened.join(', ')}`);
      const statuses = [...new Set(answers.map(([, answer]) => answerText(answer)))].join(', ');
      const names13 = answers.some(([, answer]) =>
        valuesOf(answer, 'sec-websocket-version').some((value) =>
          value.split(',').some((each) => each.trim() === '13'),
        ),
      );
      return names13
        ? finding.pass(sent, `refused with ${statuses}, and Sec-WebSocket-Version: 13`)
        : finding.warn(sent, `refused with ${statuses}, but without Sec-WebSocket-Version: 13`);
    },
  };
}
