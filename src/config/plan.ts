import { createHash } from 'node:crypto';
import { DIALECT_KINDS } from '../dialects/kinds.ts';
import { frameLimits, size } from '../guards/size.ts';
import { Emergency, type EmergencyOptions } from '../identity/emergency.ts';
import { IDENTITY_KINDS } from '../identity/kinds.ts';
import type { RouteContext } from '../pipeline/context.ts';
import { traitsOf } from '../pipeline/dialect.ts';
import type { Direction } from '../pipeline/message.ts';
import { readAuthorities } from '../pipeline/pem.ts';
import type { Armed, NamedIdentity, Plan, RoutePlan, UpstreamPlan } from '../pipeline/route.ts';
import type { SignalOptions } from '../signals/options.ts';
import { Transmitter } from '../signals/transmitter.ts';
import type { Services } from '../store/services.ts';
import { pick } from './assemble.ts';
import { ConfigFiles } from './files.ts';
import { inOrder, type Loaded, type Written } from './load.ts';
import { matcher } from './match.ts';
import { kindOf, type OneKind } from './one-kind.ts';
import { Placer } from './placer.ts';
import type { ConfigPath, ConfigProblem } from './problem.ts';
import type { Route } from './route.ts';

/** A plan, and what the gateway must know of its making. */
export interface CompiledPlan extends Plan {
  /** All identities, for health; those that no route asks included. */
  readonly identities: readonly NamedIdentity[];
  /** Who may send security events. */
  readonly transmitters: readonly Transmitter[];
  /** What emergency mode allows; undefined where it cannot be switched on. */
  readonly emergency: EmergencyOptions | undefined;
  /** Absolute paths of the configuration and of every file and folder that it led to, to be watched. */
  readonly files: readonly string[];
  /** Of all that it was made from: a plan with the same digest would do the same. */
  readonly digest: string;
}

/**
 * Builds everything that a configuration describes: identities, guards, dialects, schemas and expressions. What must
 * outlive a reload (allowances, key sets, counters) is in `services` by name, so the plan before is not needed but for
 * its number.
 *
 * @param read what it reads is noted here, so that a plan that fails can be watched for what it lacks
 * @returns the plan, or every problem with its place. Never throws.
 */
export function compilePlan(
  loaded: Loaded,
  services: Services,
  previous?: Pick<Plan, 'generation'>,
  read?: ConfigFiles,
): CompiledPlan | ConfigProblem[] {
  const built = compileParts(loaded, loaded.config, services, read);
  const { identities, transmitters, routes, files, digest, problems } = built;
  if (problems.length > 0) return inOrder(problems);
  return {
    generation: (previous?.generation ?? 0) + 1,
    routes,
    match: matcher(routes),
    identities: [...identities].map(([name, identity]) => ({ name, identity })),
    transmitters,
    emergency: loaded.config.emergency,
    files,
    digest,
  };
}

/** The parts that are built, as parsed; undefined stands for a route that cannot be. */
export interface Parts {
  readonly identities: Readonly<Record<string, OneKind>>;
  readonly signals: Readonly<Record<string, SignalOptions>>;
  readonly emergency?: EmergencyOptions | undefined;
  readonly routes: readonly (Route | undefined)[];
}

/** Builds what there is, and says what is wrong with it. */
export function compileParts(
  written: Written,
  parts: Parts,
  services: Services,
  read = new ConfigFiles(written.directory),
) {
  const compiler = new Compiler(written, parts, services, read);
  const identities = compiler.identities();
  const transmitters = compiler.transmitters();
  const routes = compiler.routes(identities);
  const { files, digest, problems } = compiler;
  return { identities, transmitters, routes, files, digest, problems };
}

export function isPlan(result: CompiledPlan | readonly ConfigProblem[]): result is CompiledPlan {
  return !Array.isArray(result);
}

type Identities = ReadonlyMap<string, NamedIdentity['identity']>;

class Compiler {
  readonly #written: Written;
  readonly #parts: Parts;
  readonly #services: Services;
  readonly #files: ConfigFiles;
  readonly #placer: Placer;
  readonly #emergency: Emergency | undefined;

  constructor(written: Written, parts: Parts, services: Services, files: ConfigFiles) {
    this.#written = written;
    this.#parts = parts;
    this.#services = services;
    this.#files = files;
    this.#placer = new Placer(written);
    this.#emergency = parts.emergency && new Emergency(parts.emergency, services);
  }

  get problems(): readonly ConfigProblem[] {
    return this.#placer.problems;
  }

  get files(): readonly string[] {
    const { source } = this.#written;
    return source === undefined ? this.#files.seen : [source, ...this.#files.seen];
  }

  get digest(): string {
    const made = JSON.stringify(this.#written.value) + this.#files.contents;
    return createHash('sha256').update(made).digest('hex');
  }

  identities(): Identities {
    const built = new Map<string, NamedIdentity['identity']>();
    for (const [name, value] of Object.entries(this.#parts.identities)) {
      const chosen = kindOf(IDENTITY_KINDS, value);
      if (!chosen) continue;
      const { kind, options } = chosen;
      const identity = this.#placer.attempt(['identities', name, kind.name], () =>
        kind.create(name, options, this.#context()),
      );
      if (identity) built.set(name, identity);
    }
    return built;
  }

  transmitters(): Transmitter[] {
    return Object.entries(this.#parts.signals).flatMap(
      ([name, options]) =>
        this.#placer.attempt(['signals', name], () => new Transmitter(name, options, this.#context())) ?? [],
    );
  }

  routes(identities: Identities): RoutePlan[] {
    return this.#parts.routes.flatMap((route, index) =>
      route ? (this.#route(route, ['routes', index], identities) ?? []) : [],
    );
  }

  #route(route: Route, at: ConfigPath, all: Identities): RoutePlan | undefined {
    const identities = route.identify.flatMap((name) => {
      const identity = all.get(name);
      return identity ? [{ name, identity, lastResort: this.#emergency }] : [];
    });
    const chosen = kindOf(DIALECT_KINDS, route.dialect)!;
    const protocols = route.protocols.map((each) => (typeof each === 'string' ? each : each.name));
    const context: RouteContext = {
      ...this.#context(),
      route: route.name,
      protocols,
      dialect: traitsOf(chosen.kind, chosen.options),
      readsCookie: identities.some(({ identity }) => identity.readsCookie === true),
    };
    const dialect = this.#placer.attempt([...at, 'dialect', chosen.kind.name], () =>
      chosen.kind.create(chosen.options, context),
    );
    const guards = this.#guards(route, at, context);
    const upstream = this.#placer.attempt([...at, 'upstream'], () => this.#upstream(route));
    if (!dialect || !upstream) return undefined;
    return {
      name: route.name,
      host: route.match.host,
      path: route.match.path,
      identities,
      door: guards.filter(({ guard }) => guard.onUpgrade),
      inspect: { client: inspecting(guards, 'client'), server: inspecting(guards, 'server') },
      standing: guards.filter(({ guard }) => guard.onTime),
      protocols,
      deprecated: deprecatedOf(route),
      upstream,
      dialect,
      onInvalid: route.messages.onInvalid,
      frames: frameLimits(pick(size.options, route)),
      inflate: route.messages.compression === 'inflate',
      lifetime: lifetimeOf(route),
      resume: route.resume,
      tickets: route.tickets,
      refresh: route.refresh,
      counters: this.#services.recorder.counters(route.name),
    };
  }

  #guards(route: Route, at: ConfigPath, context: RouteContext): Armed[] {
    const armed: Armed[] = [];
    for (const kind of this.#written.language.guards) {
      const observed = route.observe.indexOf(kind.name);
      const options = pick(kind.options, route);
      this.#placer.attempt(at, () => {
        const guard = kind.create(options, context);
        if (guard) armed.push({ name: kind.name, guard, observe: observed >= 0 });
        else if (observed >= 0)
          this.#placer.fault(
            [...at, 'observe', observed],
            `this route has no guard "${kind.name}" to observe`,
          );
      });
    }
    return armed;
  }

  #upstream({ upstream }: Route): UpstreamPlan {
    const { ca, forward, ...rest } = upstream;
    const headers = Object.entries(forward).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    return {
      ...rest,
      forward: Object.fromEntries(headers),
      ...(ca !== undefined && { ca: readAuthorities(ca, ['ca'], this.#context()) }),
    };
  }

  #context() {
    const files = this.#files;
    return {
      services: this.#services,
      resolve: (name: string) => files.resolve(name),
      read: (name: string) => files.read(name),
      list: (name: string) => files.list(name),
    };
  }
}

function inspecting(guards: readonly Armed[], direction: Direction): Armed[] {
  return guards.filter(
    ({ guard }) =>
      (guard.onPayload || guard.onMessage) && (guard.directions ?? ['client']).includes(direction),
  );
}

function deprecatedOf(route: Route): ReadonlyMap<string, string> {
  return new Map(
    route.protocols.flatMap((each): [string, string][] =>
      typeof each === 'string' || each.deprecated === undefined ? [] : [[each.name, each.deprecated]],
    ),
  );
}

function lifetimeOf({ lifetime }: Route): RoutePlan['lifetime'] {
  const { idle = Number.POSITIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = lifetime;
  return { ...lifetime, idle, maximum };
}
