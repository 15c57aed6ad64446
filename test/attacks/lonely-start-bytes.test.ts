// UT-02
import { illFormed } from '../support/ill-formed.ts';

illFormed('a start byte and then a space');
