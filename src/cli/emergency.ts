import { ADMIN_NOTE, ADMIN_OPTIONS, askAdmin } from './admin-client.ts';
import type { Exit } from './exit.ts';
import { type Given, JSON_OPTION, UsageError, type Verb } from './verb.ts';

/** `sallyport emergency on|off|status` */
export const verb: Verb = {
  positionals: ['on|off|status'],
  options: {
    minutes: { type: 'string', value: 'N', help: 'For on: for how long. The configuration bounds it.' },
    reason: { type: 'string', value: 'TEXT', help: 'For on: why; it stands in the log.' },
    ...ADMIN_OPTIONS,
    json: JSON_OPTION,
  },
  examples: ['emergency on --minutes 30', 'emergency status --admin https://gateway.internal:9900'],
  notes: [
    'While it is on, and an identity provider is away, those whom the configuration lists may come in by what was',
    'known of their credentials before. It ends by itself.',
    ADMIN_NOTE,
  ].join('\n'),
  async run(given, io): Promise<Exit> {
    const { method, body } = requestOf(given);
    const answer = (await askAdmin(given, io, method, '/emergency', body)) as { on: boolean; until?: string };
    if (given.flag('json')) io.out(JSON.stringify(answer));
    else io.out(`emergency mode is ${answer.on ? `on until ${answer.until}` : 'off'}`);
    return 'done';
  },
};

const METHODS = { on: 'POST', off: 'DELETE', status: 'GET' } as const;

function requestOf(given: Given): { method: 'POST' | 'DELETE' | 'GET'; body?: object } {
  const [action = ''] = given.positionals;
  const [minutes, reason] = [given.text('minutes'), given.text('reason')];
  if (!Object.hasOwn(METHODS, action)) throw new UsageError('emergency needs one of on, off and status');
  const method = METHODS[action as keyof typeof METHODS];
  if (method === 'POST')
    return { method, body: { minutes: minutesOf(minutes), ...(reason !== undefined && { reason }) } };
  if (minutes !== undefined || reason !== undefined)
    throw new UsageError('--minutes and --reason are for emergency on');
  return { method };
}

function minutesOf(text: string | undefined): number {
  if (text === undefined || !/^[1-9]\d{0,3}$/.test(text))
    throw new UsageError('emergency on needs --minutes, a whole number');
  return Number(text);
}
