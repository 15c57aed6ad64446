/** What is said of an error that nobody caught: name and place, without the message, which may quote what a client sent. */
export function faultLine(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return `${error.name} ${/^\s*at .*$/m.exec(error.stack ?? '')?.[0].trim() ?? ''}`;
}
