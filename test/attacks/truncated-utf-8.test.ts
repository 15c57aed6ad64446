// UT-03
import { illFormed } from '../support/ill-formed.ts';

illFormed('a sequence that is cut short');
