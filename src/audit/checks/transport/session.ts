import type { TLSSocket } from 'node:tls';
import { type Check, finding } from '../../check.ts';
import type { Context } from '../../context.ts';
import { readAnswer, valuesOf } from '../../probe/answer.ts';
import { ask } from '../../probe/ask.ts';
import { connectSecure, tlsOf, Unreachable } from '../../probe/connect.ts';
import { ticketFacts } from '../../probe/der.ts';
import { upgradeRequest } from '../../probe/request.ts';
import { spokenVersions } from './tls-facts.ts';

const WEEK = 7 * 86_400; // s, RFC 8446 §4.6.1

/** Of what happens on a TLS connection that stands. */
export const SESSION_CHECKS: readonly Check[] = [
  {
    id: 'tls-renegotiation',
    group: 'transport',
    title: 'A client cannot renegotiate',
    weight: 'medium',
    standard: 'RFC 9325 §3.5; CVE-2011-1473',
    why: 'A handshake costs the server ten times what it costs the client, and here no new connection is counted.',
    mend: 'Refuse renegotiation (OpenSSL: SSL_OP_NO_RENEGOTIATION), or speak TLS 1.3 alone.',
    async run(context) {
      if (!(await spokenVersions(context)).some((version) => version < 0x0304))
        return finding.pass('nothing', 'only TLS 1.3 is spoken, which has none');
      const wire = await connectSecure(context, { maxVersion: 'TLSv1.2' });
      const done = await renegotiated(tlsOf(wire), context.patience.verdict);
      wire.destroy();
      return (done ? finding.fail : finding.pass)(
        'a second handshake of TLS 1.2',
        done ? 'accepted' : 'refused',
      );
    },
  },
  {
    id: 'tls-tickets',
    group: 'transport',
    title: 'Session tickets are good for a week at most',
    weight: 'low',
    standard: 'RFC 8446 §4.6.1; RFC 9325 §3.4',
    why: 'The key of the tickets opens every session that they resume: the longer it is in use, the more it is worth.',
    mend: 'Change the key of tickets daily, and set their life to hours.',
    async run(context) {
      const session = await sessionOf(context);
      if (session === undefined) return finding.pass('a TLS handshake', 'no session to resume was given');
      const wire = await connectSecure(context, { session });
      const reused = tlsOf(wire).isSessionReused();
      wire.destroy();
      const { lifetime } = ticketFacts(session);
      const seen = `${lifetime === undefined ? 'no lifetime is named' : `good for ${Math.round(lifetime / 360) / 10} hours`}; ${reused ? 'resumed' : 'not resumed'}`;
      const isLong = lifetime !== undefined && lifetime > WEEK;
      return (isLong ? finding.fail : finding.pass)('a TLS handshake, and another that resumes it', seen);
    },
  },
  {
    id: 'tls-early-data',
    group: 'transport',
    title: 'No early data (0-RTT) is taken',
    weight: 'medium',
    standard: 'RFC 9325 §3.10; RFC 8446 §8',
    why: 'What is sent before the handshake ends can be sent again by anybody who saw it: an upgrade with its token, for example.',
    mend: 'Turn early data off (nginx: ssl_early_data off).',
    async run(context) {
      const session = await sessionOf(context);
      const bytes = session === undefined ? 0 : ticketFacts(session).earlyData;
      return bytes > 0
        ? finding.fail('a TLS handshake', `the ticket allows ${bytes} bytes of early data`)
        : finding.pass('a TLS handshake', 'the ticket allows none');
    },
  },
  {
    id: 'tls-alpn',
    group: 'transport',
    title: 'A client of another protocol is turned away',
    weight: 'low',
    standard: 'RFC 7301 §3.2; RFC 9325 §3.8',
    why: 'A server that goes on with a protocol it does not speak can be used to attack one that does, under the same certificate (ALPACA).',
    mend: 'Select http/1.1 by ALPN, and end the handshake if it is not offered.',
    async run(context) {
      const selected = await alpnOf(context, 'http/1.1');
      const other = await alpnOf(context, 'sallyport-audit');
      const sent = 'ALPN with http/1.1; ALPN with sallyport-audit alone';
      const seen = `http/1.1: ${selected}; sallyport-audit: ${other}`;
      return (other === 'refused' ? finding.pass : finding.fail)(sent, seen);
    },
  },
  hsts(),
];

function renegotiated(socket: TLSSocket, milliseconds: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), milliseconds);
    const settle = (done: boolean): void => {
      clearTimeout(timer);
      resolve(done);
    };
    socket.once('error', () => settle(false)).once('close', () => settle(false));
    socket.renegotiate({ rejectUnauthorized: false }, (error) => settle(error === null));
  });
}

/** A session that can be resumed; undefined if the server gives none. Tickets of TLS 1.3 come behind the handshake. */
function sessionOf(context: Context): Promise<Buffer | undefined> {
  return context.once('session', async () => {
    let session: Buffer | undefined;
    const wire = await connectSecure(context, {}, (socket) =>
      socket.on('session', (each: Buffer) => {
        session = each;
      }),
    );
    // Some servers send tickets with their first answer.
    wire.write(upgradeRequest(context.target, context.login, { token: null }).bytes);
    await readAnswer(wire, context.patience.answer);
    wire.destroy();
    return session;
  });
}

async function alpnOf(context: Context, name: string): Promise<string> {
  try {
    const wire = await connectSecure(context, { ALPNProtocols: [name] });
    const selected = tlsOf(wire).alpnProtocol;
    wire.destroy();
    return selected === false || selected === null ? 'no selection' : selected;
  } catch (error) {
    if (error instanceof Unreachable && error.isTls) return 'refused';
    throw error;
  }
}

/** RFC 6797 §6.1.1: shorter than half a year, a browser has often forgotten. */
const LEAST_AGE = 15_768_000; // s

function hsts(): Check {
  return {
    id: 'hsts',
    group: 'transport',
    title: 'Browsers are told to come by TLS alone',
    weight: 'low',
    standard: 'RFC 6797 §7.1; OWASP ASVS 5.0 §3.4.1',
    why: 'Strict-Transport-Security turns ws:// and http:// into wss:// and https:// before a byte is sent in clear.',
    mend: 'Strict-Transport-Security: max-age=63072000 on every answer of the HTTPS side.',
    async run(context) {
      const answer = await ask(context, {
        target: '/',
        token: null,
        fields: {
          Upgrade: null,
          Connection: 'close',
          'Sec-WebSocket-Key': null,
          'Sec-WebSocket-Version': null,
        },
      });
      const sent = 'GET / over TLS';
      const value = valuesOf(answer, 'strict-transport-security')[0];
      const age = Number(/max-age="?(\d+)/i.exec(value ?? '')?.[1] ?? Number.NaN);
      if (age >= LEAST_AGE) return finding.pass(sent, value!);
      if (value !== undefined) return finding.fail(sent, `too short: ${value}`);
      const isPage = valuesOf(answer, 'content-type').some((type) => type.startsWith('text/html'));
      return isPage && answer.kind === 'head' && answer.status < 400
        ? finding.fail(sent, 'a page, and no Strict-Transport-Security')
        : finding.info(sent, 'no Strict-Transport-Security, and no page that would carry it');
    },
  };
}
