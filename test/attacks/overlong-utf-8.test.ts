// UT-05
import { illFormed } from '../support/ill-formed.ts';

illFormed('overlong');
