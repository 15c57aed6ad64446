import { setTimeout as sleep } from 'node:timers/promises';
import type { Reach } from '../reach.ts';
import { encodeHello, type Hello } from './client-hello.ts';
import { connectPlain } from './connect.ts';
import { type HelloAnswer, readServerHello } from './server-hello.ts';
import { alertName, suiteOf, VERSIONS, type Version } from './tls-names.ts';

/** A connection that ends without a byte may have met a limit of rates: it is tried once more. */
const PAUSE = 1_000; // ms

/** Sends a ClientHello of our own making over a new connection, and reads the answer off the wire. */
export async function greet(
  reach: Reach,
  hello: Omit<Hello, 'serverName'> & Partial<Hello>,
): Promise<HelloAnswer> {
  const answer = await greetOnce(reach, hello);
  if (answer.kind !== 'ended') return answer;
  await sleep(PAUSE);
  return greetOnce(reach, hello);
}

async function greetOnce(
  reach: Reach,
  hello: Omit<Hello, 'serverName'> & Partial<Hello>,
): Promise<HelloAnswer> {
  const wire = await connectPlain(reach);
  wire.write(encodeHello({ serverName: reach.target.serverName, ...hello }));
  const answer = await wire.until(
    ({ held, ending }) => readServerHello(held, ending !== 'open'),
    reach.patience.answer,
  );
  wire.destroy();
  return answer ?? { kind: 'silent' };
}

/** Whether the server would have gone on. */
export function isGreeted(answer: HelloAnswer): boolean {
  return answer.kind === 'hello';
}

/** In a few words, for reports. */
export function helloText(answer: HelloAnswer): string {
  switch (answer.kind) {
    case 'hello':
      return `${VERSIONS[answer.version as Version] ?? answer.version} with ${suiteOf(answer.suite).name}`;
    case 'alert':
      return alertName(answer.alert);
    default:
      return { ended: 'connection closed', silent: 'no answer', noise: 'bytes that are not TLS' }[
        answer.kind
      ];
  }
}
