/**
 * What Redis has no command for, in Lua. Each has one key and does its work in one step. Numbers are written with 17 digits,
 * which is every digit that a double has, and are JSON.
 */

/** KEYS: a sum. ARGV: what to add, the most it may become (or nothing), milliseconds until it ends (or nothing). */
export const INCREMENT = `
local value = redis.call('GET', KEYS[1])
local sum = 0
if value then sum = tonumber(value) end
if not sum then return redis.error_reply('NOTNUMBER there is something else than a number under this key') end
local more = sum + tonumber(ARGV[1])
if ARGV[2] ~= '' and more > tonumber(ARGV[2]) then return string.format('%.17g', sum) end
local text = string.format('%.17g', more)
if value then redis.call('SET', KEYS[1], text, 'KEEPTTL')
elseif ARGV[3] ~= '' then redis.call('SET', KEYS[1], text, 'PX', ARGV[3])
else redis.call('SET', KEYS[1], text) end
return text
`;

/**
 * The generic cell rate algorithm as drawn() in entry.ts has it, by the server's clock. KEYS: when the allowance is paid
 * back, in milliseconds. ARGV: units, milliseconds that pay for one, milliseconds' worth of an empty bucket.
 */
export const DRAW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local value = redis.call('GET', KEYS[1])
local free = now
if value then free = tonumber(value) end
if not free then return redis.error_reply('NOTNUMBER there is something else than a number under this key') end
local interval, tolerance = tonumber(ARGV[2]), tonumber(ARGV[3])
local from = math.min(math.max(free, now), now + tolerance)
local room = math.floor((now + tolerance - from) / interval + 5e-7)
local told = math.max(0, math.min(tonumber(ARGV[1]), room))
if told > 0 or from < free then
  free = from + told * interval
  redis.call('SET', KEYS[1], string.format('%.17g', free), 'PX', string.format('%.0f', math.max(1, math.ceil(free - now))))
end
return string.format('%.17g', told)
`;

/**
 * KEYS: the era. ARGV: a new one, which counts only if there is none. It is a write, so that a server that takes none (a
 * replica, one that is full) says so.
 */
export const ERA = `
redis.call('SET', KEYS[1], ARGV[1], 'NX')
return redis.call('GET', KEYS[1])
`;
