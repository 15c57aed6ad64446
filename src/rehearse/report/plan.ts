import { type Scenario, scenarioOf } from '../../load/scenario.ts';
import { perSecond, type Rate } from '../../pipeline/units.ts';
import type { PlannedFault, Rehearsal } from '../rehearsal.ts';

/** What will be done, before it is; `lowered` is what will be done less than it was written. */
export function planText(rehearsal: Rehearsal, lowered: readonly string[]): string {
  const { name, about, faults } = rehearsal;
  return [
    `${name}: ${about.trim()}`,
    rehearsal.target ? endpointText(rehearsal) : stageText(rehearsal),
    ...faults.map(faultText),
    ...(lowered.length === 0
      ? []
      : ['Less than it says, as the endpoint may be in service; --full does all of it:']),
    ...lowered.map((line) => `  ${line}`),
  ].join('\n');
}

function stageText({ stage, duration }: Rehearsal): string {
  const nodes = stage.nodes === 1 ? 'a gateway' : `${stage.nodes} gateways`;
  const parts = `an identity provider, a backend${stage.redis ? ', a Redis server' : ''}, ${nodes} behind a balancer`;
  return `This starts ${parts} on loopback, holds a load for ${duration / 1_000} s, and ends and removes all of it:`;
}

function endpointText({ target, load, faults }: Rehearsal): string {
  const { connections, duration, messages, pace } = scenarioOf({ ...load, target: target!.url });
  const commands = faults.some(({ fault }) => fault === 'command') ? ', but for the commands below' : '';
  const strangers = target!.identities ? 'a newcomer and a stranger' : 'a newcomer';
  const what = messages.length === 0 ? 'idle' : paceText(pace);
  return [
    `This acts on ${target!.url}${target!.address === undefined ? '' : ` at ${target!.address}`} and on nothing else${commands}:`,
    `  ${connections} connections for ${duration / 1_000} s, ${what}, and ${strangers} each half second`,
  ].join('\n');
}

function paceText(pace: Scenario['pace']): string {
  if ('rate' in pace) return `${perSecond(pace.rate)} messages a second`;
  return `${pace.outstanding} messages waiting on each`;
}

function faultText({ fault, at, for: lasts, ...options }: PlannedFault): string {
  const how = Object.entries(options).flatMap(([name, value]) => {
    const said = SAID[name]?.(value as never);
    return said === undefined ? [] : [said];
  });
  const when = `  at ${at / 1_000} s: ${fault}${lasts === undefined ? '' : `, for ${lasts / 1_000} s`}`;
  return how.length === 0 ? when : `${when}: ${how.join(', ')}`;
}

/** Options of faults, as they are said. */
const SAID: Readonly<Record<string, (value: never) => string | undefined>> = {
  rate: (rate: Rate) => `${perSecond(rate)} a second`,
  connections: (count: number) => `${count} connections`,
  share: (share: number) => `${Math.round(share * 100)} % of all`,
  by: (late: number) => `${late / 1_000} s late`,
  days: (days: number) => `${days} days left`,
  run: (command: string) => `runs ${JSON.stringify(command)}`,
  undo: (command?: string) => (command === undefined ? undefined : `then ${JSON.stringify(command)}`),
};
