import type { Check } from '../check.ts';
import { FRAMING_CHECKS } from './frames/framing.ts';
import { CLOSE_CHECKS, MESSAGE_FRAME_CHECKS } from './frames/messages.ts';
import { EXCESS_CHECKS } from './handshake/excess.ts';
import { MESSAGE_CHECKS } from './handshake/message.ts';
import { NEGOTIATION_CHECKS } from './handshake/negotiation.ts';
import { OPENING_CHECKS } from './handshake/opening.ts';
import { ORIGIN_CHECKS } from './handshake/origin.ts';
import { handshakeTimeout } from './handshake/patience.ts';
import { REQUEST_CHECKS } from './handshake/request.ts';
import { certificateNeeded, hostOfTls } from './handshake/server-name.ts';
import { OTHER_REQUEST_CHECKS, TARGET_CHECKS } from './handshake/target.ts';
import { IDENTITY_CHECKS } from './identity/token.ts';
import { CROWD_CHECKS } from './limits/crowds.ts';
import { DEFLATE_CHECKS } from './limits/deflate.ts';
import { endures } from './limits/endures.ts';
import { RATE_CHECKS } from './limits/rates.ts';
import { SIZE_CHECKS } from './limits/sizes.ts';
import { TIME_CHECKS } from './limits/times.ts';
import { rotation } from './rotation.ts';
import { CERTIFICATE_CHECKS } from './transport/certificate.ts';
import { plaintext } from './transport/plaintext.ts';
import { PROTOCOL_CHECKS } from './transport/protocol.ts';
import { proxyHeader } from './transport/proxy-header.ts';
import { SESSION_CHECKS } from './transport/session.ts';
import { SUITE_CHECKS } from './transport/suites.ts';

/** Every check, in the order of the report. */
export const CHECKS: readonly Check[] = [
  plaintext,
  proxyHeader,
  ...PROTOCOL_CHECKS,
  ...SUITE_CHECKS,
  ...CERTIFICATE_CHECKS,
  ...SESSION_CHECKS,
  ...OPENING_CHECKS,
  ...REQUEST_CHECKS,
  ...TARGET_CHECKS,
  hostOfTls,
  ...MESSAGE_CHECKS,
  ...EXCESS_CHECKS,
  ...NEGOTIATION_CHECKS,
  ...ORIGIN_CHECKS,
  handshakeTimeout,
  ...OTHER_REQUEST_CHECKS,
  ...IDENTITY_CHECKS,
  certificateNeeded,
  ...FRAMING_CHECKS,
  ...MESSAGE_FRAME_CHECKS,
  ...CLOSE_CHECKS,
  ...SIZE_CHECKS,
  ...DEFLATE_CHECKS,
  ...TIME_CHECKS,
  ...RATE_CHECKS,
  ...CROWD_CHECKS,
  endures,
  rotation,
];
