#!/usr/bin/env node
import { processIo } from './io.ts';
import { codeOf, run } from './run.ts';

// A reader that has seen enough (`| head`) is no fault of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 3));

process.exit(codeOf(await run(process.argv.slice(2), processIo())));
