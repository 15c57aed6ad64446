import { type Credentials, credentialsOf } from '../load/credentials.ts';
import { endpointOf } from '../load/endpoint.ts';
import { type Scenario, type ScenarioInput, scenarioOf } from '../load/scenario.ts';
import { type Endpoint, openSocket } from '../load/socket.ts';

/** What it takes to come in by a door: where it is, and tokens. */
export interface Entrance {
  readonly scenario: Scenario;
  readonly endpoint: Endpoint;
  readonly credentials: Credentials;
}

/** @throws ScenarioError for files that cannot be used */
export function entranceOf(entry: ScenarioInput): Entrance {
  const scenario = scenarioOf(entry);
  const path = (name: string): string => name; // they are absolute
  return {
    scenario,
    endpoint: endpointOf(scenario, path),
    credentials: credentialsOf(scenario, path),
  };
}

/** Comes in with this token and leaves again. @throws Refusal if it is not let in */
export async function knock(
  { endpoint }: Entrance,
  token: string | undefined,
  milliseconds: number,
): Promise<void> {
  (await openSocket(endpoint, token, NOBODY, milliseconds)).close();
}

const NOBODY = { message: () => {}, closed: () => {} };
