// UT-06
import { illFormed } from '../support/ill-formed.ts';

illFormed('a surrogate');
