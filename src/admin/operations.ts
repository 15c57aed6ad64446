import { z } from 'zod';
import { EMERGENCY_OPERATIONS } from './emergency.ts';
import { describeApi } from './openapi.ts';
import { json, type Operation, operation, problem } from './operation.ts';
import type { SessionFilter } from './operator.ts';
import { pageSize, serialOf, text } from './parameters.ts';
import { REVOCATION_OPERATIONS } from './revocations.ts';
import { usage } from './usage.ts';
import {
  CERTIFICATES,
  DRAINING,
  HEALTH,
  KICKED,
  OPENAPI,
  RELOADED,
  ROTATIONS,
  SESSION,
  SESSION_PAGE,
  viewCertificate,
  viewSession,
} from './views.ts';

/** What sessions can be asked for by; each given one must match exactly. */
const filter = z.strictObject({
  node: text.optional().describe('What the gateway is called that holds it.'),
  subject: text.optional(),
  tenant: text.optional(),
  address: text.optional().describe('In canonical form: IPv6 shortened, in lower case.'),
  route: text.optional(),
  identity: text.optional(),
  tokenId: text.optional(),
  certificateSerial: text.overwrite(serialOf).optional(),
});

const page = filter.extend(pageSize.shape);

const one = z.strictObject({ id: text });

/** Everything the admin API can do, one row each. */
export const OPERATIONS: readonly Operation[] = [
  operation({
    id: 'isLive',
    method: 'get',
    path: '/health/live',
    access: 'anyone',
    summary: 'Whether the process works at all. Restart it if not.',
    answers: { 200: { meaning: 'It does.', body: HEALTH } },
    run: () => json(200, HEALTH, { status: 'ok' }),
  }),
  operation({
    id: 'isReady',
    method: 'get',
    path: '/health/ready',
    access: 'anyone',
    summary:
      'Whether new connections should come here, and for who shows a token, each check with its reason.',
    answers: {
      200: { meaning: 'They should.', body: HEALTH },
      503: { meaning: 'They should not.', body: HEALTH },
    },
    run: async ({ operator, who }) => {
      const checks = (await operator.health()).map((check) => ({ ...check }));
      const ready = checks.every(({ healthy, blocksReady }) => healthy || !blocksReady);
      return json(ready ? 200 : 503, HEALTH, {
        status: ready ? 'ok' : 'unavailable',
        ...(who !== undefined && { checks }),
      });
    },
  }),
  operation({
    id: 'readMetrics',
    method: 'get',
    path: '/metrics',
    access: 'metrics',
    summary: 'All metrics, for Prometheus.',
    answers: { 200: { meaning: 'Text exposition format 0.0.4.', body: { mediaType: 'text/plain' } } },
    run: async ({ operator }) => ({ status: 200, ...(await operator.metrics()) }),
  }),
  operation({
    id: 'listSessions',
    method: 'get',
    path: '/sessions',
    access: 'operator',
    summary: 'Open sessions of all nodes and workers, filtered, a page at a time.',
    query: page,
    answers: { 200: { meaning: 'A page.', body: SESSION_PAGE } },
    run: async ({ operator, query: { after, limit, ...wanted } }) => {
      const { sessions, total, next, missing } = await operator.sessions(given(wanted), after, limit);
      return json(200, SESSION_PAGE, {
        sessions: sessions.map(viewSession),
        total,
        ...(next !== undefined && { next }),
        ...(missing !== undefined && { missing: [...missing] }),
      });
    },
  }),
  operation({
    id: 'kickSessions',
    method: 'delete',
    path: '/sessions',
    access: 'operator',
    summary: 'Ends every session that matches, at every worker and node. At least one filter must be given.',
    query: filter,
    answers: { 200: { meaning: 'They were told to go, with close code 4501.', body: KICKED } },
    run: async ({ operator, query }) => {
      const wanted = given(query);
      if (Object.keys(wanted).length === 0) {
        return problem(400, 'name at least one of the filters; to end all sessions, drain');
      }
      const kicked = await operator.kickAll(wanted);
      return json(200, KICKED, { kicked }, { affected: kicked });
    },
  }),
  operation({
    id: 'readSession',
    method: 'get',
    path: '/sessions/{id}',
    access: 'operator',
    summary: 'One session, wherever it is held.',
    params: one,
    answers: { 200: { meaning: 'It is open.', body: SESSION } },
    run: async ({ operator, params: { id } }) => {
      const session = await operator.session(id);
      return session ? json(200, SESSION, viewSession(session)) : problem(404, 'there is no such session');
    },
  }),
  operation({
    id: 'kickSession',
    method: 'delete',
    path: '/sessions/{id}',
    access: 'operator',
    summary: 'Ends one session, wherever it is held.',
    params: one,
    answers: { 200: { meaning: 'It was told to go, with close code 4501.', body: KICKED } },
    run: async ({ operator, params: { id } }) =>
      (await operator.kick(id))
        ? json(200, KICKED, { kicked: 1 }, { affected: 1 })
        : problem(404, 'there is no such session'),
  }),
  ...REVOCATION_OPERATIONS,
  ...EMERGENCY_OPERATIONS,
  operation({
    id: 'listCertificates',
    method: 'get',
    path: '/certificates',
    access: 'operator',
    summary: 'The certificates in service.',
    answers: { 200: { meaning: 'All of them.', body: CERTIFICATES } },
    run: async ({ operator }) =>
      json(200, CERTIFICATES, { certificates: (await operator.certificates()).map(viewCertificate) }),
  }),
  operation({
    id: 'rotateCertificates',
    method: 'post',
    path: '/certificates/rotate',
    access: 'operator',
    summary: 'Reads certificates, keys, CA bundles and revocation lists anew.',
    answers: { 200: { meaning: 'What changed. Live sockets were not touched.', body: ROTATIONS } },
    run: async ({ operator }) => {
      const rotations = (await operator.rotate()).map(({ listener, replaced, problems }) => ({
        listener,
        replaced: replaced.map(({ name, serial, previous }) => ({ name, serial, previous })),
        problems: [...problems],
      }));
      const failed = rotations.flatMap(({ listener, problems }) =>
        problems.map((message) => ({ at: listener, message })),
      );
      if (failed.length > 0) return problem(422, 'some files were not taken', failed);
      const affected = rotations.reduce((sum, { replaced }) => sum + replaced.length, 0);
      return json(200, ROTATIONS, { rotations }, { affected });
    },
  }),
  operation({
    id: 'reload',
    method: 'post',
    path: '/reload',
    access: 'operator',
    summary: 'Reads the configuration anew: all of it, or nothing.',
    answers: { 200: { meaning: 'It is in service.', body: RELOADED } },
    run: async ({ operator }) => {
      const result = await operator.reload();
      if (result.done) return json(200, RELOADED, { generation: result.generation });
      const errors = result.problems.map(({ message, file, line }) => ({
        message,
        ...(file !== undefined && { at: file }),
        ...(line !== undefined && { line }),
      }));
      return problem(422, `nothing changed: generation ${result.generation} is still in service`, errors);
    },
  }),
  operation({
    id: 'drain',
    method: 'post',
    path: '/drain',
    access: 'operator',
    summary:
      'Admits nobody new, closes the sessions spread over the configured time, then stops the gateway.',
    answers: { 202: { meaning: 'It has begun.', body: DRAINING } },
    run: async ({ operator }) => {
      const sessions = await operator.drain();
      return json(202, DRAINING, { sessions }, { affected: sessions });
    },
  }),
  usage,
  operation({
    id: 'describeApi',
    method: 'get',
    path: '/openapi.json',
    access: 'operator',
    summary: 'This API, as an OpenAPI document.',
    answers: { 200: { meaning: 'OpenAPI 3.1.', body: OPENAPI } },
    run: () => json(200, OPENAPI, describeApi(OPERATIONS)),
  }),
];

/** The filters that were given, and no others. */
function given(wanted: z.output<typeof filter>): SessionFilter {
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
}
