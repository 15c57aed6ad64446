import type { Context } from '../../context.ts';
import { readCertificates, type Served } from '../../probe/certificates.ts';
import { greet } from '../../probe/greet.ts';
import type { HelloAnswer, ServerHello } from '../../probe/server-hello.ts';
import { KEY_GROUPS, OLDER_SUITES, TLS13_SUITES, VERSIONS, type Version } from '../../probe/tls-names.ts';

/** How to mend most of what can be wrong with it. */
export const MODERN =
  'Take a current profile (Mozilla’s intermediate): TLS 1.2 and 1.3, ECDHE with AEAD, and nothing else.';

const ALL = Object.keys(VERSIONS).map(Number) as Version[];
/** More than any server needs. */
const MAX_SUITES = 48;

/** The answer to a ClientHello of each version, with every suite that the version has. */
export function versionsOf(context: Context): Promise<ReadonlyMap<Version, HelloAnswer>> {
  return context.once('versions', async () => {
    const answers = new Map<Version, HelloAnswer>();
    for (const version of ALL)
      answers.set(version, await greet(context, { version, suites: suitesFor(version) }));
    return answers;
  });
}

/** The versions that are spoken, the oldest first. */
export async function spokenVersions(context: Context): Promise<Version[]> {
  const answers = await versionsOf(context);
  return ALL.filter((version) => {
    const answer = answers.get(version);
    return answer?.kind === 'hello' && answer.version === version;
  });
}

/** The newest version below TLS 1.3 that is spoken, and its answer. */
export async function newestOlder(context: Context): Promise<ServerHello | undefined> {
  const older = (await spokenVersions(context)).filter((version) => version < 0x0304).at(-1);
  const answer = older && (await versionsOf(context)).get(older);
  return answer?.kind === 'hello' ? answer : undefined;
}

/** Every suite that is spoken in the newest version below 1.3 and in 1.3, in the order in which the server takes them. */
export function suitesOf(context: Context): Promise<readonly number[]> {
  return context.once('suites', async () => {
    const spoken = await spokenVersions(context);
    const older = spoken.filter((version) => version < 0x0304).at(-1);
    return [
      ...(spoken.includes(0x0304) ? await takenSuites(context, 0x0304) : []),
      ...(older === undefined ? [] : await takenSuites(context, older)),
    ];
  });
}

async function takenSuites(context: Context, version: Version): Promise<number[]> {
  const taken: number[] = [];
  while (taken.length < MAX_SUITES) {
    const suites = suitesFor(version).filter((suite) => !taken.includes(suite));
    if (suites.length === 0) break;
    const answer = await greet(context, { version, suites });
    if (answer.kind !== 'hello' || taken.includes(answer.suite)) break;
    taken.push(answer.suite);
  }
  return taken;
}

/** Every group that is spoken, in the order in which the server takes them. */
export function groupsOf(context: Context): Promise<readonly number[]> {
  return context.once('groups', async () => {
    const version = (await spokenVersions(context)).at(-1);
    const taken: number[] = [];
    while (version !== undefined && taken.length < Object.keys(KEY_GROUPS).length) {
      const groups = Object.keys(KEY_GROUPS)
        .map(Number)
        .filter((group) => !taken.includes(group));
      const suites = version === 0x0304 ? TLS13_SUITES : OLDER_SUITES.filter(isEphemeralCurve);
      const answer = await greet(context, { version, suites, groups });
      if (answer.kind !== 'hello' || answer.group === undefined || taken.includes(answer.group)) break;
      taken.push(answer.group);
    }
    return taken;
  });
}

/** Of the registry, ECDHE suites with a certificate are these. */
function isEphemeralCurve(suite: number): boolean {
  return [0xc02b, 0xc02c, 0xc02f, 0xc030, 0xcca8, 0xcca9, 0xc009, 0xc00a, 0xc013, 0xc014].includes(suite);
}

function suitesFor(version: Version): readonly number[] {
  return version === 0x0304 ? TLS13_SUITES : OLDER_SUITES;
}

/** The certificates that are shown. */
export function servedCertificates(context: Context): Promise<Served> {
  return context.once('certificates', () => readCertificates(context));
}
