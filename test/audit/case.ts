import type { Verdict } from '../../src/audit/check.ts';
import type { CertificateRequest } from '../../src/edge/development-ca.ts';
import { type Manners, type Oddity, startBadServer } from './gullible.ts';
import type { Setup } from './harness.ts';
import { type HelloManners, startHelloServer } from './hello-server.ts';
import { startOpensslServer } from './openssl-server.ts';

/** A server, and what a check says of it. */
export interface Case {
  readonly manners?: Manners;
  /** A server that answers a ClientHello, and speaks no TLS. */
  readonly hello?: HelloManners;
  /** The certificate, in place of a good one. */
  readonly certificate?: CertificateRequest | Oddity;
  /** `openssl s_server` with these options, for what Node cannot do. */
  readonly openssl?: readonly string[];
  readonly setup?: Partial<Setup>;
  readonly verdict?: Verdict;
  /** Part of what was seen. */
  readonly seen?: string | RegExp;
}

/** Starts the server of a row. */
export async function startCase({
  hello,
  openssl,
  manners,
  certificate,
}: Case): Promise<{ port: number; ca?: string; stop(): void }> {
  if (hello) return startHelloServer(hello);
  return openssl ? startOpensslServer(openssl) : startBadServer(manners, certificate);
}
