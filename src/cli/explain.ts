import { isLoaded, loadConfig } from '../config/load.ts';
import { compilePlan, isPlan } from '../config/plan.ts';
import { silentRecorder } from '../record/recorder.ts';
import { createServices } from '../store/services.ts';
import type { Exit } from './exit.ts';
import { explanationOf } from './explain/explanation.ts';
import { explanationText } from './explain/text.ts';
import { readBytes } from './files.ts';
import type { Io } from './io.ts';
import { writeProblems } from './problems.ts';
import { DEFAULT_FILE, type Given, JSON_OPTION, UsageError, type Verb } from './verb.ts';

/** `sallyport explain URL` */
export const verb: Verb = {
  positionals: ['URL'],
  options: {
    config: {
      type: 'string',
      short: 'c',
      value: 'FILE',
      help: `The configuration; ${DEFAULT_FILE} if left out.`,
    },
    origin: { type: 'string', value: 'ORIGIN', help: 'The Origin that a browser would send.' },
    token: { type: 'string', value: 'TOKEN', help: 'A bearer token; - reads it from standard input.' },
    'token-in': {
      type: 'string',
      value: 'PLACE',
      help: 'Where the token is: header (if left out), subprotocol, cookie:NAME or dangerously-query:NAME, as the configuration names it.',
    },
    principal: {
      type: 'string',
      value: 'JSON',
      help: 'Who is connected, {"subject":…}, in place of a token.',
    },
    address: { type: 'string', value: 'IP', help: 'The client’s address; 127.0.0.1 if left out.' },
    protocol: {
      type: 'string',
      short: 'p',
      value: 'NAME',
      multiple: true,
      help: 'A subprotocol to offer; what the route speaks if left out.',
    },
    header: { type: 'string', short: 'H', value: '"NAME: VALUE"', multiple: true, help: 'Another header.' },
    message: {
      type: 'string',
      short: 'm',
      value: 'TEXT',
      help: 'A message of the client; - reads standard input.',
    },
    'message-file': { type: 'string', value: 'FILE', help: 'A file that holds the message.' },
    binary: { type: 'boolean', help: 'The message is binary.' },
    json: JSON_OPTION,
  },
  examples: ['explain wss://ws.example.com/chat --origin https://app.example.com --token -'],
  notes:
    'Nothing is dialled and nothing is listened on; an identity may ask its provider for keys, as in service. A ticket, in the URL or\nas a subprotocol, is looked at and not spent: --principal says whom it was given to.',
  async run(given, io): Promise<Exit> {
    const [url] = given.positionals;
    if (url === undefined) throw new UsageError('explain needs a URL like wss://host/path');
    const loaded = loadConfig(given.text('config') ?? DEFAULT_FILE, io.environment);
    if (!isLoaded(loaded)) return writeProblems(loaded, given, io);
    const services = createServices(silentRecorder);
    const plan = compilePlan(loaded, services);
    if (!isPlan(plan)) return writeProblems(plan, given, io);
    const asked = {
      url,
      origin: given.text('origin'),
      token: await textOrInput(given.text('token'), io),
      tokenIn: given.text('token-in') ?? 'header',
      principal: given.text('principal'),
      address: given.text('address') ?? '127.0.0.1',
      protocols: given.texts('protocol'),
      headers: given.texts('header'),
      message: await messageOf(given, io),
      binary: given.flag('binary'),
    };
    const explanation = await explanationOf(asked, loaded.config, plan, services);
    io.out(given.flag('json') ? JSON.stringify(explanation, undefined, 2) : explanationText(explanation, io));
    return explanation.upgrade.refusal || explanation.message?.refusal ? 'refused' : 'done';
  },
};

async function textOrInput(text: string | undefined, io: Io): Promise<string | undefined> {
  return text === '-' ? (await io.input()).trim() : text;
}

async function messageOf(given: Given, io: Io): Promise<Buffer | undefined> {
  const file = given.text('message-file');
  const text = given.text('message');
  if (file !== undefined && text !== undefined)
    throw new UsageError('give --message or --message-file, not both');
  if (file !== undefined) return readBytes(file);
  if (text === undefined) return undefined;
  return Buffer.from(text === '-' ? await io.input() : text);
}
