// UT-01
import { illFormed } from '../support/ill-formed.ts';

illFormed('a continuation byte alone');
