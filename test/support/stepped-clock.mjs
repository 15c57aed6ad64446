// Loaded first (`--import`) by a process whose wall clock is to be set: each SIGUSR2 moves it by the next of CLOCK_STEPS
// (milliseconds between commas), and says so on standard error. Monotonic time is left alone, as the system leaves it.
const System = Date;
const steps = (process.env.CLOCK_STEPS ?? '').split(',').map(Number);
let ahead = 0;

globalThis.Date = class extends System {
  constructor(...given) {
    if (given.length === 0) super(System.now() + ahead);
    else super(...given);
  }

  static now() {
    return System.now() + ahead;
  }
};

process.on('SIGUSR2', () => {
  ahead += steps.shift() ?? 0;
  process.stderr.write(`the clock is ${ahead} ms ahead\n`);
});
