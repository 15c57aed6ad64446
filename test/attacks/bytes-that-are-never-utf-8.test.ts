// UT-04
import { illFormed } from '../support/ill-formed.ts';

illFormed('bytes that are never UTF-8');
