import { hostname } from 'node:os';
import { type Answerer, type AskOthers, answerOthers } from '../admin/questions.ts';
import type { Config } from '../config/schema.ts';
import { Members, type Place } from '../store/members.ts';
import { PresenceNews } from '../store/presence-news.ts';
import type { Services } from '../store/services.ts';
import type { WorkerRole } from './role.ts';

/** Where this process stands. */
export function placeOf({ node }: Services, config: Config, role: WorkerRole | undefined): Place {
  return {
    gateway: role?.gateway ?? node,
    node: config.node ?? hostname().slice(0, 63),
    ...(role && { worker: role.number }),
  };
}

/** The processes that share this one’s state, as far as all of them count alike and ask each other. */
export class Neighbours {
  readonly #presence: PresenceNews;
  readonly #members: Members;

  constructor(services: Services, place: Place, operator: Answerer) {
    this.#presence = new PresenceNews(services);
    this.#members = new Members({ ...services, place }, (method, args) =>
      answerOthers(operator, method, args),
    );
  }

  start(): void {
    this.#presence.start();
    this.#members.start();
  }

  stop(): void {
    this.#presence.stop();
    this.#members.stop();
  }

  /** A process of this name has ended for certain: its seats are free, and nobody waits for it. */
  bury(node: string): void {
    this.#presence.bury(node);
    this.#members.bury(node);
  }

  readonly ask: AskOthers = (question, args) => this.#members.ask(question, args);
}
