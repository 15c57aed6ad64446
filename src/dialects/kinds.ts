import type { DialectKind } from '../pipeline/dialect.ts';
import { graphqlTransportWs } from './graphql-transport-ws.ts';
import { json } from './json.ts';
import { jsonRpc } from './json-rpc.ts';
import { ocpp } from './ocpp.ts';
import { raw } from './raw.ts';

/** Every dialect there is. */
export const DIALECT_KINDS: readonly DialectKind[] = [raw, json, jsonRpc, graphqlTransportWs, ocpp];
