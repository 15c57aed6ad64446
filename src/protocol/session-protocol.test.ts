import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ClientMessage,
  DLE,
  encodeClaim,
  encodeControl,
  escapeText,
  type GatewayMessage,
  isControlText,
  isReservedProtocol,
  plainProtocolOf,
  readClaim,
  readClientControl,
  readGatewayControl,
  sessionProtocolOf,
  unescapeText,
} from './session-protocol.ts';
import { isToken } from './tokens.ts';

describe('a session protocol', () => {
  it.each(['', 'chat.v1', 'a+b', 'sallyport.v1'])('holds "%s", and is a token', (plain) => {
    const name = sessionProtocolOf(plain);
    expect(isToken(name)).toBe(true);
    expect(plainProtocolOf(name)).toBe(plain);
  });

  it.each(['chat.v1', 'sallyport.v2', 'sallyport.v1+', 'sallyport.v10', 'Sallyport.v1', ''])(
    'is not "%s"',
    (name) => {
      expect(plainProtocolOf(name)).toBeUndefined();
    },
  );

  it('is reserved in any case', () => {
    expect(['sallyport.x', 'SALLYPORT.v1', 'sallyports', 'chat'].map(isReservedProtocol)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('a claim', () => {
  const most = Number.MAX_SAFE_INTEGER;

  it.each([0, 1, 4_711, most])('that has seen %d comes back as it was, and is a token', (seen) => {
    const offer = encodeClaim({ token: 'T-o_k3n', seen });
    expect(isToken(offer)).toBe(true);
    expect(readClaim(offer)).toEqual({ token: 'T-o_k3n', seen });
  });

  it.each(['-1', '01', '1.5', 'NaN', '1e3', '', `${most + 1}`, '99999999999999999', '+1', 'x'])(
    'cannot have seen %j',
    (seen) => {
      expect(readClaim(`sallyport.resume.token.${seen}`)).toBeUndefined();
    },
  );

  it('has a token of 128 characters at most', () => {
    expect(readClaim(`sallyport.resume.${'x'.repeat(128)}.0`)).toBeDefined();
    expect(readClaim(`sallyport.resume.${'x'.repeat(129)}.0`)).toBeUndefined();
    expect(readClaim('sallyport.resume..0')).toBeUndefined();
  });
});

describe('a text', () => {
  it('of the application comes back as it was, and is never taken for control', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat({ max: 3 }), (text, marks) => {
        const said = DLE.repeat(marks) + text;
        expect(isControlText(escapeText(said))).toBe(false);
        expect(unescapeText(escapeText(said))).toBe(said);
      }),
    );
  });

  it('between client and gateway is told apart', () => {
    expect(isControlText(encodeControl({ type: 'ack', seen: 1 }))).toBe(true);
    expect(isControlText(DLE)).toBe(true);
    expect(isControlText('')).toBe(false);
  });
});

describe('what a client says', () => {
  it('is read', () => {
    const ack: ClientMessage = { type: 'ack', seen: 7 };
    expect(readClientControl(encodeControl(ack))).toEqual(ack);
  });

  it.each([
    '{"type":"ack","seen":-1}',
    '{"type":"ack","seen":9007199254740992}',
    '{"type":"ack","seen":NaN}',
    '{"type":"ack","seen":null}',
    '{"type":"ack","seen":"7"}',
    '{"type":"ack","seen":7.5}',
    '{"type":"ack","seen":[7]}',
    '{"type":"ack"}',
    '{"type":"ack","seen":7,"more":1}',
    '{"type":"ack","seen":7,"__proto__":1}',
    '{"type":"welcome"}',
    '["ack",7]',
    'null',
    '',
    '{"type":"ack","seen":7}x',
    `{"type":"ack","seen":7${' '.repeat(256)}}`,
  ])('is not %s', (json) => {
    expect(readClientControl(DLE + json)).toBeUndefined();
  });
});

describe('what the gateway says', () => {
  const welcome: GatewayMessage = {
    type: 'welcome',
    session: 's',
    token: 't',
    window: 30_000,
    resumed: false,
    reason: 'gap',
    seen: 0,
    next: 1,
    buffer: { messages: 1_000, bytes: 1_048_576 },
    expires: 60_000,
  };

  it.each([welcome, { type: 'ack', seen: 3 }, { type: 'expires', expires: 5 }, { type: 'expires' }] as const)(
    'is read: $type',
    (message) => {
      expect(readGatewayControl(encodeControl(message))).toEqual(message);
    },
  );

  it('may be of a later version', () => {
    expect(readGatewayControl(`${DLE}{"type":"later"}`)).toBeUndefined();
  });

  it.each(['', '7', '{}', '{"type":"ack"}', '{"type":"welcome"}', '{"type":"expires","expires":-1}'])(
    'is not %s',
    (json) => {
      expect(readGatewayControl(DLE + json)).toBe('malformed');
    },
  );
});
