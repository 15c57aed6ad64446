import type { AddressInfo } from 'node:net';
import type { AdminListener } from './admin/admin-listener.ts';
import type { ReloadFacts } from './admin/operator.ts';
import type { Cluster } from './cluster/cluster.ts';
import { isLoaded, type Loaded, loadConfig, parseConfig } from './config/load.ts';
import { Placer } from './config/placer.ts';
import { type CompiledPlan, compilePlan, isPlan } from './config/plan.ts';
import { ConfigError } from './config/problem.ts';
import { LANGUAGE, languageOf } from './config/schema.ts';
import { type Watching, watchFiles } from './config/watch.ts';
import type { RefusalCode } from './errors.ts';
import { adminOf, type MakeAdmin } from './gateway/admin.ts';
import { clusterOf } from './gateway/cluster.ts';
import { createDoors } from './gateway/doors.ts';
import { drainAll } from './gateway/drain.ts';
import { addressFault, type Listeners } from './gateway/listeners.ts';
import { exposeGateway, learnNames } from './gateway/metrics.ts';
import { Neighbours, placeOf } from './gateway/neighbours.ts';
import { NodesOperator } from './gateway/nodes-operator.ts';
import { type Controls, GatewayOperator } from './gateway/operator.ts';
import type { DrainOptions, GatewayOptions } from './gateway/options.ts';
import { wireOverload } from './gateway/overload.ts';
import { prepare } from './gateway/prepare.ts';
import { type Failure, type InService, type Rebuilt, rebuild } from './gateway/rebuild.ts';
import { Reloader } from './gateway/reload.ts';
import { Revoker } from './gateway/revoke.ts';
import type { WorkerRole } from './gateway/role.ts';
import { Sessions } from './gateway/sessions.ts';
import { openState, recall, type State, watchState } from './gateway/state.ts';
import { emergencyStateOf } from './identity/emergency-state.ts';
import type { ClientCertificate, Handshake } from './pipeline/handshake.ts';
import type { Refused } from './pipeline/verdict.ts';
import type { Claim } from './protocol/session-protocol.ts';
import type { Series } from './record/meter.ts';
import { GatewayRecord } from './record/record.ts';
import type { Claimant, Claimed } from './session/claim.ts';
import { Metering } from './session/metering.ts';
import type { Parking } from './session/parking.ts';
import type { Attachment, SessionParts } from './session/parts.ts';
import { Registry } from './session/registry.ts';
import type { Session } from './session/session.ts';
import { Sweep } from './session/sweep.ts';
import { systemClock } from './store/clock.ts';
import { createServices, type Services } from './store/services.ts';
import { UsageMeter } from './store/usage.ts';
import type { Gate } from './upgrade/gate.ts';

/**
 * Reads a configuration file, opens the state that it names, and builds a gateway from it. Opens no listener yet.
 *
 * @param role for a process that is one of several workers
 * @throws ConfigError with every problem and its place. Error if two guards have the same name or own the same key, or one has a name that is taken.
 */
export async function createGateway(
  file: string,
  options: GatewayOptions = {},
  role?: WorkerRole,
): Promise<Gateway> {
  const language = options.guards ? languageOf(options.guards) : LANGUAGE;
  const loaded = role
    ? parseConfig(file, role.text, process.env, language)
    : loadConfig(file, process.env, language);
  if (!isLoaded(loaded)) throw new ConfigError(loaded);
  const record = new GatewayRecord({ ...options.record, ...(role && { worker: role.number }) });
  let state: State | undefined;
  try {
    state = await openState(loaded, systemClock, role);
    const services = createServices(record, systemClock, role ? role.join(state.reach) : state.reach);
    const plan = compilePlan(loaded, services, role && { generation: role.generation - 1 });
    if (!isPlan(plan)) throw new ConfigError(plan);
    const registry = new Registry();
    const revoker = new Revoker(registry, services);
    await recall(revoker, loaded);
    // Those of several workers have one admin API in common, and it is not here.
    const makeAdmin = role ? undefined : await adminOf(loaded, services.clock.now());
    const lasting = { record, services, registry, revoker, state, role, makeAdmin };
    return new Gateway(file, loaded, plan, lasting, options);
  } catch (error) {
    await state?.close();
    await record.close();
    throw error;
  }
}

/** What a gateway has from its first moment to its last, whatever it reloads. */
interface Lasting {
  readonly record: GatewayRecord;
  readonly services: Services;
  readonly registry: Registry;
  readonly revoker: Revoker;
  readonly state: State;
  /** Undefined for one that is alone. */
  readonly role: WorkerRole | undefined;
  /** Undefined for one that has no admin API of its own. */
  readonly makeAdmin: MakeAdmin | undefined;
}

/** The one place that wires: listeners, plan, sessions, admin API and record, and what swaps them. */
export class Gateway implements Gate, Controls {
  readonly services: Services;
  /** What an operator can do with this process. */
  readonly operator: GatewayOperator;
  /** Resolves when the gateway has closed, whoever asked for it. */
  readonly closed: Promise<void>;
  readonly #file: string;
  readonly #options: GatewayOptions;
  readonly #record: GatewayRecord;
  readonly #registry: Registry;
  readonly #revoker: Revoker;
  readonly #state: State;
  /** How to stop what began with it. */
  readonly #stops: (() => void)[];
  readonly #sweep: Sweep;
  /** Undefined where there are none. */
  readonly neighbours: Neighbours | undefined;
  /** Undefined where nothing is measured. */
  readonly #metering: Metering | undefined;
  readonly #listeners: Listeners;
  /** Other processes that may hold the session of a client that comes here; undefined where there are none. */
  readonly #cluster: Cluster | undefined;
  readonly #admin: AdminListener | undefined;
  readonly #reloader: Reloader;
  readonly #sessions: Sessions;
  #loaded: Loaded;
  #plan: CompiledPlan;
  #watching: Watching | undefined;
  #adminAddress: AddressInfo | undefined;
  #drain: Promise<void> | undefined;
  #close: Promise<void> | undefined;
  #resolveClosed: () => void = () => {};

  constructor(
    file: string,
    loaded: Loaded,
    plan: CompiledPlan,
    { record, services, registry, revoker, state, role, makeAdmin }: Lasting,
    options: GatewayOptions,
  ) {
    this.#file = file;
    this.services = services;
    this.#options = options;
    this.#record = record;
    this.#registry = registry;
    this.#revoker = revoker;
    this.#state = state;
    this.#stops = [watchState(state, record, services.clock)];
    this.#loaded = loaded;
    this.#plan = plan;
    this.#sweep = new Sweep(this.#registry, services);
    this.#listeners = createDoors({
      gate: this,
      plan: () => this.#plan,
      registry,
      operator: () => this.operator,
      pages: options.pages,
      directory: loaded.directory,
      role,
      trustChanged: () =>
        this.#sessions.endDistrusted(({ listener, certificate }) => this.#distrusts(listener, certificate)),
    });
    this.#reloader = this.#createReloader();
    const unfinished = wireOverload({
      record,
      registry: this.#registry,
      services,
      loaded: () => this.#loaded,
      plan: () => this.#plan,
    });
    this.#cluster = clusterOf(loaded, this, role);
    const { usage } = loaded.config;
    const meter = usage && new UsageMeter(services.store, services.clock, usage.keep);
    this.#metering = meter && new Metering(this.#registry, meter, services.clock);
    this.#sessions = new Sessions({
      services,
      registry,
      unfinished,
      metering: this.#metering,
      cluster: () => this.#cluster,
    });
    const place = placeOf(services, loaded.config, role);
    this.operator = new GatewayOperator({
      controls: this,
      place,
      listeners: this.#listeners,
      record,
      registry: this.#registry,
      services,
      revoker,
      state,
      usage: meter,
    });
    this.neighbours = services.alone ? undefined : new Neighbours(services, place, this.operator);
    const { ask } = this.neighbours ?? {};
    const operator = ask ? new NodesOperator(this.operator, ask) : this.operator;
    this.#admin = makeAdmin?.(operator, record);
    exposeGateway(record.meter, {
      operator: this.operator,
      registry: this.#registry,
      parking: this.#sessions.parking,
      plan: () => this.#plan,
    });
    learnNames(record.meter, plan, Object.keys(loaded.config.listeners));
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
  }

  /**
   * Opens every listener, the admin API last: when it answers, the rest is there.
   *
   * @throws ConfigError for certificates and addresses that cannot be used, and then nothing is open.
   */
  async listen(): Promise<void> {
    const { listeners } = this.#loaded.config;
    const placer = new Placer(this.#loaded);
    await this.#listeners.prepare(listeners).then(
      ({ commit }) => commit(),
      (error) => placer.report(['listeners'], error),
    );
    this.#adminAddress = await this.#admin?.listen().catch((error) => {
      placer.fault(['admin', 'address'], addressFault(error));
      return undefined;
    });
    if (placer.problems.length > 0) {
      await this.close();
      throw new ConfigError(placer.problems);
    }
    await this.#openCluster();
    this.#sweep.start();
    this.neighbours?.start();
    this.#metering?.start();
    prepare(this.#plan, this.#record);
    await emergencyStateOf(this.services).start();
    if (this.#options.watch !== false) this.#watch();
    for (const name of Object.keys(listeners)) this.#sayStarted(name);
  }

  /** Where a listener is, with the port that the system chose for 0. @throws RangeError if none of this name is open. */
  address(listener: string): AddressInfo {
    const address = this.#listeners.address(listener);
    if (!address) throw new RangeError(`no listener ${listener} is open`);
    return address;
  }

  /** Where the admin API is, if there is one and it is open. */
  get adminAddress(): AddressInfo | undefined {
    return this.#adminAddress;
  }

  get parking(): Parking<Session> {
    return this.#sessions.parking;
  }

  get draining(): boolean {
    return this.#drain !== undefined;
  }

  get reloadFault(): string | undefined {
    return this.#reloader.fault;
  }

  plan(): CompiledPlan {
    return this.#plan;
  }

  closedFor(): RefusalCode | undefined {
    if (this.draining) return 'draining';
    return this.#record.overload.closed ? 'overloaded' : undefined;
  }

  distrusts({ listener, tls }: Handshake): Refused | undefined {
    return this.#distrusts(listener, tls.certificate);
  }

  open(parts: SessionParts): void {
    this.#sessions.open(parts);
  }

  find(claim: Claim, claimant: Claimant): Claimed | Refused {
    return this.#sessions.find(claim, claimant);
  }

  claim(claim: Claim, claimant: Claimant): Promise<Claimed | Refused> | Claimed | Refused {
    return this.#sessions.claim(claim, claimant);
  }

  resume(session: Session, parts: Attachment): void {
    this.#sessions.resume(session, parts);
  }

  /**
   * Reads the configuration anew: all of it, or nothing. One at a time; who asks while another waits is served by that
   * one. What has not changed is not touched. Never rejects.
   */
  reload(cause = 'program'): Promise<ReloadFacts> {
    return this.#reloader.reload(cause);
  }

  /** Builds what the configuration says now, or what this text says in its place, and changes nothing. */
  rebuild(text?: string): Promise<Rebuilt | Failure> {
    return rebuild(
      {
        file: this.#file,
        services: this.services,
        listeners: this.#listeners,
        current: () => ({ loaded: this.#loaded, plan: this.#plan }),
        swap: (next) => this.#swap(next),
      },
      text,
    );
  }

  /** Reads certificates, keys, CA bundles and revocation lists anew. What fails leaves the old ones in service. */
  async rotate(): Promise<void> {
    await this.#listeners.rotate();
  }

  /** Accepts no more connections; what is open stays. */
  stopListening(): void {
    this.#listeners.stop();
  }

  /** All series of this process, for who adds those of several up. */
  series(): Promise<readonly Series[]> {
    return this.#record.meter.series();
  }

  /** Absolute paths of all that the plan in service was made from. */
  get files(): readonly string[] {
    return this.#plan.files;
  }

  /** Admits nobody new, closes the sessions spread over the window, and resolves when none is left. The first call counts. */
  drain(options: DrainOptions = {}, cause = 'program'): Promise<void> {
    this.#drain ??= drainAll(this.#registry, this.services, this.#loaded.config.drain, cause, options);
    return this.#drain;
  }

  stop(cause: string): void {
    void this.drain({}, cause).then(() => this.close());
  }

  /** Closes everything at once. Sessions that are still open are cut. */
  close(): Promise<void> {
    this.#close ??= this.#closeAll();
    return this.#close;
  }

  /** Puts a new plan in service. Synchronous: nobody sees half of it. Returns how many sessions have lost their route. */
  #swap({ loaded, plan }: InService): number {
    this.#loaded = loaded;
    this.#plan = plan;
    learnNames(this.#record.meter, plan, Object.keys(loaded.config.listeners));
    const homeless = this.#sessions.follow(plan, loaded.config.drain.window);
    prepare(this.#plan, this.#record);
    return homeless;
  }

  async #openCluster(): Promise<void> {
    const placer = new Placer(this.#loaded);
    await this.#cluster?.open().catch((error) => placer.fault(['cluster', 'address'], addressFault(error)));
    if (placer.problems.length === 0) return;
    await this.close();
    throw new ConfigError(placer.problems);
  }

  async #closeAll(): Promise<void> {
    const left = this.#registry.size;
    this.#watching?.close();
    this.#sweep.stop();
    this.neighbours?.stop();
    for (const stop of this.#stops) stop();
    this.#sessions.cut();
    this.#listeners.close();
    await this.#admin?.close();
    await this.#cluster?.close();
    await this.#sessions.emptied();
    await this.#metering?.stop();
    await this.services.quotas.close();
    this.#revoker.close();
    emergencyStateOf(this.services).stop();
    await this.#state.close();
    this.#record.event('gateway.stopped', { sessions: left });
    await this.#record.close();
    this.#resolveClosed();
  }

  #createReloader(): Reloader {
    const gateway = this;
    return new Reloader({
      file: this.#file,
      services: this.services,
      get closing() {
        return gateway.#close !== undefined;
      },
      get generation() {
        return gateway.#plan.generation;
      },
      get files() {
        return gateway.#plan.files;
      },
      rebuild: () => this.rebuild(),
      watch: (files) => this.#watching?.update(files),
    });
  }

  #distrusts(listener: string, certificate: ClientCertificate | undefined): Refused | undefined {
    return certificate && this.#listeners.get(listener)?.distrusts(certificate);
  }

  #watch(): void {
    this.#watching = watchFiles(this.#plan.files, async () => {
      const { done } = await this.reload('watch');
      if (!done) throw new Error('not taken'); // the watcher will offer the change again
    });
  }

  #sayStarted(listener: string): void {
    const { address, port } = this.address(listener);
    const { generation } = this.#plan;
    this.#record.event('gateway.started', { listener, address: `${address}:${port}`, generation });
  }
}
