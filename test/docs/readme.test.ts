import { chdir, cwd } from 'node:process';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACTS, linesOf } from '../../examples/demo/script.ts';
import { run } from '../../src/cli/run.ts';
import { createGateway } from '../../src/gateway.ts';
import { testIo } from '../support/io.ts';
import { fencesOf, patternOf, type Shown, shownIn, wordsOf } from '../support/markdown.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';

// What the README shows is what happens: its configuration loads, its commands print what it says.

const fences = fencesOf('README.md');
const [configuration = ''] = fences.filter(({ info }) => info === 'sallyport.yaml').map(({ text }) => text);
const shown = fences
  .filter(({ language }) => language === 'console')
  .flatMap(({ text }) => shownIn(text))
  .map((each): [string, Shown] => [each.command, each]);
const root = cwd();
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await createSandbox();
  sandbox.write('sallyport.yaml', configuration);
  sandbox.write('misspelt.yaml', configuration.replace('identify', 'identfy'));
  chdir(sandbox.folder);
});

afterAll(() => {
  chdir(root);
  sandbox.remove();
});

it('needs five lines of YAML, as it says', () => {
  expect(configuration.trimEnd().split('\n')).toHaveLength(5);
});

describe('the commands', () => {
  it.each(shown.filter(([command]) => command !== 'sallyport serve'))(
    '%s',
    async (_, { command, output }) => {
      const [program, ...args] = wordsOf(command);
      expect(program).toBe('sallyport');
      const io = testIo();
      await run(args, io);
      expect([...io.output, ...io.errors].join('\n')).toMatch(patternOf(output));
    },
  );

  it('sallyport serve', async () => {
    const serve = shown.find(([command]) => command === 'sallyport serve')?.[1];
    const promised = (serve?.output ?? '').split('\n').map((line) => JSON.parse(line));
    // a port of its own, and an issuer that nobody has to look for
    sandbox.write(
      'served.yaml',
      configuration
        .replace('0.0.0.0:8443', '127.0.0.1:0')
        .replace('https://id.example.com', 'https://127.0.0.1:1'),
    );
    const lines: Record<string, unknown>[] = [];
    const destination = new Writable({
      write(chunk, _encoding, done) {
        for (const line of String(chunk).trimEnd().split('\n')) lines.push(JSON.parse(line));
        done();
      },
    });
    const gateway = await createGateway('served.yaml', { watch: false, record: { destination } });
    await gateway.listen();
    await gateway.close();
    for (const line of promised) {
      const said = lines.find(({ event }) => event === line.event) ?? {};
      expect(Object.keys(said)).toEqual(expect.arrayContaining(Object.keys(line)));
    }
    expect(promised.map(({ event }) => event)).toEqual(['certificate.loaded', 'gateway.started']);
  });
});

it('shows the demonstration as it is printed when all is well', () => {
  const [play = ''] = fences.filter(({ language }) => language === 'text').map(({ text }) => text);
  const lines = play.split('\n').filter((line) => line !== '');
  const details = /^ {6}(before|after) +[0-9A-F]{32}$/;
  expect(lines.filter((line) => details.test(line))).toHaveLength(2);
  const wanted = ACTS.flatMap(({ heading, scenes }) => [
    `  ${heading}`,
    ...scenes.flatMap((scene) => linesOf(scene, { lines: scene.wanted }, true, (_, text) => text)),
  ]);
  expect(lines.filter((line) => !details.test(line))).toEqual(wanted);
});
