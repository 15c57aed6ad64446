import type { IncomingMessage, ServerResponse } from 'node:http';
import { introspection } from '../../src/identity/introspection.ts';
import type { IntrospectionOptions } from '../../src/identity/introspection-options.ts';
import type { Identity } from '../../src/pipeline/identity.ts';
import { identityContext, identityOf, type TestContext } from './identity.ts';
import type { Provider, Reply } from './provider.ts';

/** One question, as the provider received it. */
export interface Question {
  readonly token: string;
  readonly hint: string;
  readonly method: string;
  readonly authorization: string;
  readonly contentType: string;
}

/** The answer to a good token: fifteen minutes to live. `undefined` takes a member away. */
export function answerFor(changes: Record<string, unknown> = {}, now: number = Date.now()): object {
  const iat = Math.floor(now / 1_000);
  return { active: true, token_type: 'Bearer', sub: 'ada', iat, exp: iat + 900, jti: 't-1', ...changes };
}

/** Reads the form of each question and leaves the answer to `decide`: an object, or a reply of its own. */
export function introspecting(decide: (question: Question) => object | Reply): Reply {
  return async (request, response) => {
    const question = await read(request);
    const answer = decide(question);
    if (typeof answer === 'function') (answer as Reply)(request, response);
    else say(response, answer);
  };
}

export function say(response: ServerResponse, answer: object): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(answer));
}

async function read(request: IncomingMessage): Promise<Question> {
  let body = '';
  for await (const chunk of request) body += chunk;
  const form = new URLSearchParams(body);
  return {
    token: form.get('token') ?? '',
    hint: form.get('token_type_hint') ?? '',
    method: request.method ?? '',
    authorization: request.headers.authorization ?? '',
    contentType: request.headers['content-type'] ?? '',
  };
}

/** An `introspection` identity that asks this provider; it is patient with bad tokens. */
export function introspectionOf(
  provider: Pick<Provider, 'url'>,
  changes: Partial<Record<keyof IntrospectionOptions, unknown>> = {},
  context: TestContext = identityContext(),
): { identity: Identity; context: TestContext } {
  const options = {
    endpoint: `${provider.url}/introspect`,
    clientId: 'gateway',
    clientSecret: 'a secret',
    badTokens: '1000000/s',
    timeout: '8s',
    ...changes,
  };
  return { identity: identityOf(introspection, options, context), context };
}
