// UT-07
import { illFormed } from '../support/ill-formed.ts';

illFormed('beyond U+10FFFF');
