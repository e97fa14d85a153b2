/**
 * For scripts with the argument `session`: the event log. An event gets its number in the session and its place among all
 * events, and stands from then on among the deliveries of every webhook that wants it.
 *
 * - `eventId(event, occurrence)`: the id of an event, the same whenever it is told again
 * - `logEvent(id, event, chats, data, isCatchUp, traceparent)`: `chats` is empty where it concerns no chat, else the chat's ids, separated by
 *   spaces; `data` is JSON text
 * - `isHeard()`: whether a webhook of the session or of all is there, or somebody reads their events as a stream. What we know
 *   of our own sends is logged only then; what WhatsApp told of others always is.
 */
export const LOG_EVENT = `
local listening
local function listeners()
  if listening then return listening end
  listening = {}
  for _, scope in ipairs({ session, '*' }) do
    local filters = redis.call('HGETALL', keys.webhookFilters(scope))
    for i = 1, #filters, 2 do
      local events, chats = string.match(filters[i + 1], '^(.*)|(.*)$')
      listening[#listening + 1] = { scope = scope, name = filters[i], events = events, chats = chats }
    end
  end
  return listening
end

local function isHeard()
  return #listeners() > 0 or redis.call('EXISTS', keys.eventsRead(session), keys.eventsRead('*')) > 0
end

local function wants(webhook, event, chats)
  local function names(name) return string.find(webhook.events, ',' .. name .. ',', 1, true) end
  if not (names('*') or names(event) or (event == 'message' and names('message.any'))) then return false end
  if webhook.chats == '' or chats == '' then return true end
  for chat in string.gmatch(chats, '%S+') do
    if string.find(webhook.chats, ',' .. chat .. ',', 1, true) then return true end
  end
  return false
end

local function eventId(event, occurrence)
  return 'evt_' .. string.sub(redis.sha1hex(session .. ' ' .. event .. ' ' .. occurrence), 1, 24)
end

local accountText
local function account()
  if accountText then return accountText end
  local phone, lid, pushName = unpack(redis.call('HMGET', keys.session(session), 'phone', 'lid', 'pushName'))
  accountText = cjson.encode({ phone = phone or nil, lid = lid or nil, pushName = pushName or nil })
  return accountText
end

local isTold = false
local function logEvent(id, event, chats, data, isCatchUp, traceparent)
  local sequence = redis.call('HINCRBY', keys.session(session), 'eventSequence', 1)
  local position = redis.call('XADD', keys.eventPlaces, '*', 's', session)
  local fields = { 'i', id, 'n', sequence, 'e', event, 'c', chats, 'a', account(), 'd', data, 'u', isCatchUp and '1' or '0' }
  if traceparent then fields[#fields + 1], fields[#fields + 2] = 't', traceparent end
  redis.call('XADD', keys.events(session), position, unpack(fields))
  local ms, place = string.match(position, '^(%d+)-(%d+)$')
  local delivery = session .. '/' .. position .. '/' .. id .. '/' .. (string.match(chats, '^%S+') or '')
  for _, webhook in ipairs(listeners()) do
    if wants(webhook, event, chats) then
      redis.call('ZADD', keys.deliveries(webhook.scope, webhook.name, 'pending'), ms + math.min(place, 4095) / 4096, delivery)
      if redis.call('EXISTS', keys.webhookOwner(webhook.scope, webhook.name)) == 0 then
        redis.call('ZADD', keys.webhooksDue, 'LT', ms, webhook.scope .. '/' .. webhook.name)
        redis.call('PUBLISH', keys.eventNews, 'due')
      end
    end
  end
  if not isTold then redis.call('PUBLISH', keys.eventNews, session) end
  isTold = true
end
`
