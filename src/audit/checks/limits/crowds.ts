import { type Check, finding } from '../../check.ts';
import type { Context } from '../../context.ts';
import { answerText, isOpened, readAnswer } from '../../probe/answer.ts';
import { ask } from '../../probe/ask.ts';
import { connectPlain, connectSecure, Unreachable } from '../../probe/connect.ts';
import { close } from '../../probe/frames.ts';
import { upgradeRequest } from '../../probe/request.ts';
import { OpenSocket } from '../../probe/socket.ts';
import type { Wire } from '../../probe/wire.ts';

/** Of many connections at once, as many as the budget allows: by default a handful, which no service notices. */
export const CROWD_CHECKS: readonly Check[] = [halfOpen(), abandoned(), connections()];

/** From so many on, not finding a limit is a fault: real clients behind one address may need fewer. */
const CONCLUSIVE = 200;

function halfOpen(): Check {
  return {
    id: 'half-open',
    group: 'limits',
    title: 'Connections that say nothing keep nobody out',
    weight: 'high',
    standard: 'OWASP ASVS 5.0 §13.1.3; CWE-400',
    why: 'They cost an attacker nothing. Where they take the places of those who speak, one machine closes the service to all.',
    mend: 'Bound the connections of an address and the time to the end of the header, and serve others meanwhile.',
    needs: ['open'],
    alone: true,
    async run(context) {
      const { wires, refusal } = await crowd(context, () => connectPlain(context));
      const besides = await openOne(context);
      for (const wire of wires) wire.destroy();
      const sent = `${wires.length} TCP connections that say nothing, and a right upgrade beside them`;
      if (besides === SILENT) return finding.fail(sent, 'the upgrade is not answered');
      if (typeof besides === 'string') return finding.pass(sent, `the upgrade is refused: ${besides}`);
      leave(besides);
      return finding.pass(sent, refusal === undefined ? 'it opens' : `it opens; one more gets: ${refusal}`);
    },
  };
}

function abandoned(): Check {
  return {
    id: 'abandoned-upgrades',
    group: 'limits',
    title: 'Clients that leave at once leave nothing behind',
    weight: 'high',
    standard: 'CVE-2021-42340; CWE-772',
    why: 'A connection that is cut while it is being opened is easily forgotten where it is counted or held: after enough of them nobody is let in.',
    mend: 'Give back what an upgrade took when its connection ends, at whatever point that is.',
    needs: ['open'],
    alone: true,
    async run(context) {
      const { wires } = await crowd(context, async () => {
        const wire = await connectSecure(context);
        wire.write(upgradeRequest(context.target, context.login).bytes);
        await wire.reset();
        return wire;
      });
      const sent = `${wires.length} upgrades, each cut before its answer, and a right one behind them`;
      const answer = await ask(context);
      return isOpened(answer) ? finding.pass(sent, 'it opens') : finding.fail(sent, answerText(answer));
    },
  };
}

function connections(): Check {
  return {
    id: 'connections-per-address',
    group: 'limits',
    title: 'The connections of one address are bounded',
    weight: 'medium',
    standard: 'OWASP WebSocket Security Cheat Sheet; CWE-770',
    why: 'One machine opens all the connections that a server has.',
    mend: 'Bound the open connections of an address and of an identity.',
    needs: ['open'],
    alone: true,
    async run(context) {
      const { sockets } = context.budget.allowance;
      const { wires, refusal } = await crowd(context, () => openOne(context));
      for (const wire of wires) leave(wire);
      const sent = `up to ${sockets} WebSockets held open at once`;
      if (refusal !== undefined)
        return finding.pass(sent, `${wires.length} are open, one more gets: ${refusal}`);
      const seen = `all ${sockets} are open`;
      if (sockets >= CONCLUSIVE) return finding.fail(sent, seen);
      return finding.info(sent, `${seen}; from --budget sockets=${CONCLUSIVE} on that is a fault`);
    },
  };
}

/** Made together: fewer than a browser makes that loads a page. */
const AT_ONCE = 5;

const SILENT = 'no answer';

interface Crowd {
  readonly wires: readonly Wire[];
  /** How the first was turned away that was. */
  readonly refusal: string | undefined;
}

/** Makes connections until the budget's `sockets` are there, or one is turned away. */
async function crowd({ budget }: Context, make: () => Promise<Wire | string>): Promise<Crowd> {
  const wires: Wire[] = [];
  let refusal: string | undefined;
  const { sockets } = budget.allowance;
  while (wires.length < sockets && refusal === undefined) {
    const count = Math.min(AT_ONCE, sockets - wires.length);
    const made = await Promise.all(Array.from({ length: count }, () => make().catch(codeOf)));
    wires.push(...made.filter((each) => typeof each !== 'string'));
    refusal = made.find((each) => typeof each === 'string');
  }
  return { wires, refusal };
}

function codeOf(error: unknown): string {
  if (error instanceof Unreachable) return error.code === 'ETIMEDOUT' ? SILENT : error.code;
  throw error;
}

/** A WebSocket, or how it was refused: asked once, for "later" is an answer here. */
async function openOne(context: Context): Promise<Wire | string> {
  const wire = await connectSecure(context).catch(codeOf);
  if (typeof wire === 'string') return wire;
  wire.write(upgradeRequest(context.target, context.login).bytes);
  const answer = await readAnswer(wire, context.patience.answer);
  if (isOpened(answer)) return wire;
  wire.destroy();
  return answer.kind === 'silent' ? SILENT : answerText(answer);
}

function leave(wire: Wire): void {
  new OpenSocket(wire).send(close(1000));
  wire.destroy();
}
