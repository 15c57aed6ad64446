import { execFile } from 'node:child_process';
import { isIP } from 'node:net';
import { rootCertificates } from 'node:tls';
import { promisify } from 'node:util';
import type { Field, TokenPlace } from '../audit/login.ts';
import type { Trust } from '../audit/reach.ts';
import { resolveTarget, type Target, TargetError } from '../audit/target.ts';
import { isToken } from '../protocol/tokens.ts';
import { readText } from './files.ts';
import type { Io } from './io.ts';
import { type Given, type Option, UsageError } from './verb.ts';

/** The options of all commands that act on an endpoint: where it is, whom to trust, and as whom to come. */
export const ENDPOINT_OPTIONS = {
  address: {
    type: 'string',
    value: 'IP',
    help: 'Connect to this address, whatever the host of the URL resolves to.',
  },
  ca: {
    type: 'string',
    value: 'FILE',
    multiple: true,
    help: 'PEM: authorities to trust besides the public ones.',
  },
  cert: { type: 'string', value: 'FILE', help: 'PEM: a client certificate, for endpoints that ask for one.' },
  key: { type: 'string', value: 'FILE', help: 'PEM: its key.' },
  origin: { type: 'string', value: 'ORIGIN', help: 'The Origin of pages that may connect.' },
  protocol: { type: 'string', short: 'p', value: 'NAME', multiple: true, help: 'A subprotocol to offer.' },
  header: { type: 'string', short: 'H', value: '"NAME: VALUE"', multiple: true, help: 'Another header.' },
  token: { type: 'string', value: 'TOKEN', help: 'A bearer token; - reads it from standard input.' },
  'token-command': { type: 'string', value: 'COMMAND', help: 'Prints a bearer token.' },
  'token-in': {
    type: 'string',
    value: 'PLACE',
    help: 'Where tokens go: header (if left out), subprotocol, cookie:NAME or dangerously-query:NAME.',
  },
} as const satisfies Readonly<Record<string, Option>>;

/** The endpoint that the one positional names. @throws UsageError */
export async function targetOf(given: Given, verb: string): Promise<Target> {
  const url = given.positionals[0];
  if (url === undefined) throw new UsageError(`${verb} needs a URL like wss://host/path`);
  return await resolveTarget(url, addressOf(given)).catch((error: unknown) => {
    throw error instanceof TargetError ? new UsageError(error.message) : error;
  });
}

/** `--address` in place of a look-up; undefined for the look-up. */
function addressOf(given: Given): (() => Promise<string>) | undefined {
  const text = given.text('address');
  if (text === undefined) return undefined;
  if (isIP(text) === 0) throw new UsageError(`--address is an IP address, not ${JSON.stringify(text)}`);
  return () => Promise.resolve(text);
}

/** Origin, subprotocols and other fields. @throws UsageError if one would break the request. */
export function fieldsOf(given: Given): readonly Field[] {
  const origin = given.text('origin');
  const protocols = given.texts('protocol');
  return [
    ...(origin === undefined ? [] : [['Origin', inOneLine('origin', origin)] as const]),
    ...(protocols.length === 0
      ? []
      : [['Sec-WebSocket-Protocol', inOneLine('protocol', protocols.join(', '))] as const]),
    ...given.texts('header').map(headerOf),
  ];
}

function headerOf(text: string): Field {
  const [, name = '', value = ''] = /^([^:]+):(.*)$/s.exec(text) ?? [];
  if (!isToken(name)) throw new UsageError('--header is like "Name: value"');
  return [name, inOneLine('header', value.trim())];
}

function inOneLine(option: string, text: string): string {
  if (/[\0\r\n]/.test(text)) throw new UsageError(`--${option} must be one line`);
  return text;
}

/** `--ca`, `--cert` and `--key`. */
export function trustOf(given: Given): Trust {
  const ca = given.texts('ca').map(readText);
  const cert = given.text('cert');
  const key = given.text('key');
  if ((cert === undefined) !== (key === undefined)) throw new UsageError('--cert and --key belong together');
  return {
    roots: ca.length === 0 ? undefined : [...rootCertificates, ...ca],
    client:
      cert === undefined || key === undefined ? undefined : { cert: readText(cert), key: readText(key) },
  };
}

/** `--token-in`, as the configuration of a gateway names it. */
export function placeOf(given: Given): TokenPlace {
  const text = given.text('token-in') ?? 'header';
  const [, kind, name = ''] = /^(header|subprotocol|cookie|dangerously-query)(?::(.+))?$/.exec(text) ?? [];
  if (kind === 'header' || kind === 'subprotocol') return { kind };
  if (kind === undefined || name === '')
    throw new UsageError('--token-in is header, subprotocol, cookie:NAME or dangerously-query:NAME');
  return { kind: kind === 'cookie' ? 'cookie' : 'query', name };
}

/** The token of `--token` (`-`: a line of standard input) or of `--token-command`. */
export async function tokenOf(given: Given, io: Io): Promise<string | undefined> {
  const text = given.text('token');
  const command = given.text('token-command');
  if (text !== undefined && command !== undefined)
    throw new UsageError('--token and --token-command are two ways to say the same');
  const token = command === undefined ? text : await outputOf(command);
  const plain = token === '-' ? await io.secret('token: ') : token;
  if (plain === '') throw new UsageError('the token is empty');
  return plain === undefined ? undefined : inOneLine('token', plain);
}

/** The first line that a command of the user's prints. It runs in a shell, as the user wrote it. */
export async function outputOf(command: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', command], { timeout: 20_000 });
    return stdout.split(/\r?\n/, 1)[0] ?? '';
  } catch (error) {
    // Its message holds the command, and what that printed.
    throw new UsageError(
      `the command for a credential failed: ${(error as NodeJS.ErrnoException).code ?? 'killed'}`,
    );
  }
}
