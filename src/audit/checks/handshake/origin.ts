import { type Check, type Finding, finding } from '../../check.ts';
import type { Context } from '../../context.ts';
import { type Answer, answerText, isOpened } from '../../probe/answer.ts';
import { ask } from '../../probe/ask.ts';
import { askAll, tell, type Variant } from './variants.ts';

const FOREIGN = 'https://sallyport-audit.invalid';
const MEND =
  'Compare Origin, whole and exactly, with a list of the pages that may connect; answer 403 to others.';
const WHY =
  'Browsers let any page open a WebSocket to any host, with the cookies of that host. Only the server can look who asks (cross-site WebSocket hijacking).';
const STANDARD = 'RFC 6455 §10.2; OWASP ASVS 5.0 §4.4.2';

/** Of who may connect from a browser. */
export const ORIGIN_CHECKS: readonly Check[] = [
  {
    id: 'origin-foreign',
    group: 'handshake',
    title: 'Pages of other sites are refused',
    weight: 'medium',
    standard: STANDARD,
    why: WHY,
    mend: MEND,
    needs: ['open'],
    run: async (context) => judge(context, `Origin: ${FOREIGN}`, await foreign(context)),
  },
  {
    id: 'origin-null',
    group: 'handshake',
    title: 'Origin null is refused',
    weight: 'medium',
    standard: `${STANDARD}; RFC 6454 §7.3`,
    why: 'A sandboxed frame, which every attacker can make, has the Origin null.',
    mend: MEND,
    needs: ['open'],
    run: async (context) =>
      judge(context, 'Origin: null', await ask(context, { fields: { Origin: 'null' } })),
  },
  {
    id: 'origin-lookalike',
    group: 'handshake',
    title: 'Origins that look like the right one are refused',
    weight: 'medium',
    standard: `${STANDARD}; RFC 6454 §5`,
    why: 'Lists that look for a part of the name, or for how it begins or ends, let in whoever registers such a name.',
    mend: MEND,
    needs: ['open'],
    async run(context) {
      if (isOpened(await foreign(context)))
        return finding.info('nothing', 'every Origin is accepted: see origin-foreign');
      const answers = await askAll(context, lookalikes(rightOrigin(context)));
      const opened = answers.filter(([, answer]) => isOpened(answer));
      return tell(opened.length === 0 ? 'pass' : 'fail', answers, opened);
    },
  },
  {
    id: 'origin-malformed',
    group: 'handshake',
    title: 'An Origin that is none is refused, calmly',
    weight: 'low',
    standard: 'RFC 6454 §7.1; CVE-2026-14631',
    why: 'A server that hands Origin to a URL parser without care ends on the first one that is none.',
    mend: MEND,
    needs: ['open'],
    async run(context) {
      const answers = await askAll(context, [
        ['http://[::1', { fields: { Origin: 'http://[::1' } }],
        ['http://a:b', { fields: { Origin: 'http://a:b' } }],
        ['bytes that are no ASCII', { fields: { Origin: 'https://\xff\xfe' } }],
        ['60 KiB', { fields: { Origin: `https://${'a'.repeat(61_440)}` } }],
      ]);
      const wrong = answers.filter(
        ([, answer]) => isOpened(answer) || answer.kind !== 'head' || answer.status >= 500,
      );
      return tell(wrong.length === 0 ? 'pass' : 'fail', answers, wrong);
    },
  },
  {
    id: 'origin-absent',
    group: 'handshake',
    title: 'A cookie does not come without an Origin',
    weight: 'low',
    standard: 'RFC 6455 §10.2',
    why: 'Programs send no Origin, and can send any: it protects the users of browsers, and proves nothing else. Cookies are for browsers, which always send one.',
    mend: 'Refuse requests with a cookie and no Origin; if only pages use the endpoint, all without an Origin.',
    needs: ['open'],
    async run(context) {
      const answer = await ask(context, { fields: { Origin: null } });
      return judgeCookie(context, 'an upgrade without an Origin', answer);
    },
  },
  {
    id: 'fetch-site',
    group: 'handshake',
    title: 'A cookie does not come from what the browser calls another site',
    weight: 'low',
    standard: 'W3C Fetch Metadata §2.4; OWASP ASVS 5.0 §3.5.8',
    why: 'Sec-Fetch-Site is written by the browser, and no page can change it: a second look where a list of origins has a hole.',
    mend: 'Refuse Sec-Fetch-Site: cross-site where a cookie says who it is, unless pages of other sites are meant to connect.',
    needs: ['open'],
    async run(context) {
      const answer = await ask(context, { fields: { 'Sec-Fetch-Site': 'cross-site' } });
      return judgeCookie(context, 'a right upgrade with Sec-Fetch-Site: cross-site', answer);
    },
  },
];

function foreign(context: Context): Promise<Answer> {
  return context.once('a foreign origin', () => ask(context, { fields: { Origin: FOREIGN } }));
}

/** A page cannot set Authorization: where that alone opens the endpoint, a foreign page gets no further than its own token. */
function judge(context: Context, field: string, answer: Answer): Finding {
  const sent = `an upgrade with ${field}`;
  if (!isOpened(answer)) return finding.pass(sent, answerText(answer));
  return context.login.token !== undefined && !isOpened(context.anonymous)
    ? finding.warn(sent, 'the WebSocket opens, given the token')
    : finding.fail(sent, 'the WebSocket opens');
}

/** What only browsers bring matters where only browsers bring the credential by themselves. */
function judgeCookie({ login }: Context, sent: string, answer: Answer): Finding {
  if (!isOpened(answer)) return finding.pass(sent, answerText(answer));
  return login.token !== undefined && login.place.kind === 'cookie'
    ? finding.fail(sent, 'the WebSocket opens, by its cookie')
    : finding.info(sent, 'accepted; no cookie says who it is');
}

function rightOrigin({ login, target }: Context): string {
  const given = login.always.find(([name]) => name.toLowerCase() === 'origin')?.[1];
  return given !== undefined && URL.canParse(given) ? given : `https://${target.authority}`;
}

function lookalikes(right: string): Variant[] {
  const { hostname, host } = new URL(right);
  const origins = [
    `https://${hostname}.sallyport-audit.invalid`,
    `https://sallyport-audit-${hostname}`,
    `https://sallyport-audit.${hostname}`,
    `http://${host}`,
    `https://${hostname}:4430`,
    `${right}.`,
    `${right}/`,
    `${right}%60.sallyport-audit.invalid`,
    `${right} ${FOREIGN}`,
  ];
  return origins.map((origin) => [origin, { fields: { Origin: origin } }]);
}
