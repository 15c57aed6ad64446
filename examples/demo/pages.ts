import { readFileSync } from 'node:fs';
import type { Page } from 'sallyport';
import { PEOPLE, type Person, type RunningProvider } from './provider.ts';

/** What the demonstration serves beside its socket: the chat page, its script, and a token for whoever asks. */
export function chatPages(
  provider: RunningProvider,
): (path: string, query: URLSearchParams) => Promise<Page | undefined> {
  const file = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
  return async (path, query) => {
    if (path === '/') return { type: 'text/html; charset=utf-8', body: file('chat.html') };
    if (path === '/chat.js') return { type: 'text/javascript; charset=utf-8', body: file('chat.js') };
    const person = query.get('person') ?? '';
    if (path !== '/token' || !Object.hasOwn(PEOPLE, person)) return undefined;
    return { type: 'text/plain; charset=utf-8', body: await provider.token(person as Person) };
  };
}
