import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { rootCertificates } from 'node:tls';
import { promisify } from 'node:util';
import { type Allowance, DEFAULT_ALLOWANCE } from '../../audit/budget.ts';
import { GROUPS } from '../../audit/check.ts';
import { CHECKS } from '../../audit/checks/list.ts';
import type { Watch } from '../../audit/context.ts';
import { GRADES, type Grade } from '../../audit/grade.ts';
import type { Field, TokenPlace } from '../../audit/login.ts';
import type { Trust } from '../../audit/reach.ts';
import { nearest } from '../../config/nearest.ts';
import { duration, size } from '../../pipeline/units.ts';
import { isToken } from '../../protocol/tokens.ts';
import type { Io } from '../io.ts';
import { type Given, UsageError } from '../verb.ts';

/** The groups and checks of `--only`; undefined for all. */
export function onlyOf(given: Given): readonly string[] | undefined {
  const names = given.texts('only').flatMap((text) => text.split(','));
  const known = [...Object.keys(GROUPS), ...CHECKS.map(({ id }) => id)];
  const wrong = names.find((name) => !known.includes(name));
  if (wrong === undefined) return names.length === 0 ? undefined : names;
  const close = nearest(wrong, known);
  const hint =
    close === undefined ? `; groups are ${Object.keys(GROUPS).join(', ')}` : `; did you mean ${close}?`;
  throw new UsageError(`there is no check ${JSON.stringify(wrong)}${hint}`);
}

/** `--budget connections=200,bytes=1MiB`: what is not named stays as it is. */
export function allowanceOf(given: Given): Allowance {
  const parts = given.texts('budget').flatMap((text) => text.split(','));
  return Object.assign({ ...DEFAULT_ALLOWANCE }, ...parts.map(partOf));
}

function partOf(part: string): Partial<Allowance> {
  const [name = '', text = ''] = part.split('=');
  const value = /^\d{1,9}$/.test(text)
    ? Number(text)
    : name === 'bytes'
      ? size.safeParse(text).data
      : undefined;
  if (!Object.hasOwn(DEFAULT_ALLOWANCE, name) || value === undefined || value < 1) {
    const names = Object.keys(DEFAULT_ALLOWANCE).join(', ');
    throw new UsageError(`--budget is NAME=NUMBER of ${names}; not ${JSON.stringify(part)}`);
  }
  return { [name]: value };
}

/** `--minimum-grade`; with `--ci` alone, A. */
export function minimumOf(given: Given): Grade | undefined {
  const text = given.text('minimum-grade')?.toUpperCase();
  if (text === undefined) return given.flag('ci') ? 'A' : undefined;
  const found = GRADES.find((each) => each === text);
  if (!found) throw new UsageError(`--minimum-grade is one of ${GRADES.join(', ')}`);
  return found;
}

/** `--watch 10m` and how. */
export function watchOf(given: Given): Watch | undefined {
  const text = given.text('watch');
  if (text === undefined) return undefined;
  const { data } = duration.safeParse(text);
  if (data === undefined || data < 1_000) throw new UsageError('--watch is a duration like 10m');
  return { duration: data, interval: 1_000, sockets: 3 };
}

/** `--address` in place of a look-up; undefined for the look-up. */
export function addressOf(given: Given): (() => Promise<string>) | undefined {
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
  const ca = given.texts('ca').map(read);
  const cert = given.text('cert');
  const key = given.text('key');
  if ((cert === undefined) !== (key === undefined)) throw new UsageError('--cert and --key belong together');
  return {
    roots: ca.length === 0 ? undefined : [...rootCertificates, ...ca],
    client: cert === undefined || key === undefined ? undefined : { cert: read(cert), key: read(key) },
  };
}

function read(file: string): string {
  return readFileSync(file, 'utf8');
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
