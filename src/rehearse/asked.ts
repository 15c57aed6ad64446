import * as http from 'node:http';
import * as https from 'node:https';
import { rootCertificates } from 'node:tls';

/** How long an answer may take, in milliseconds, and how large it may be, in characters. */
const PATIENCE = 2_000;
const MAX_ANSWER = 4_194_304;

export interface Asking {
  /** Sent as a bearer token. */
  readonly token?: string | undefined;
  /** PEM: an authority to trust besides the public ones. */
  readonly ca?: string | undefined;
}

/** The body of an answer, whatever its status; undefined if there was none in time. Never rejects. */
export function textAt(url: string, { token, ca }: Asking): Promise<string | undefined> {
  return new Promise((resolve) => {
    const { request } = url.startsWith('https:') ? https : http;
    const asked = request(url, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      agent: false,
      timeout: PATIENCE,
      ...(ca !== undefined && { ca: [...rootCertificates, ca] }),
    });
    const fail = (): void => {
      asked.destroy();
      resolve(undefined);
    };
    asked.on('error', fail).on('timeout', fail);
    asked.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        if (text.length > MAX_ANSWER) fail();
      });
      response.on('end', () => resolve(text)).on('error', fail);
    });
    asked.end();
  });
}
