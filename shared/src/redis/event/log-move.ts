import { LOG_EVENT } from './log-event.ts'

/**
 * For scripts with the arguments `session`, `writtenAt` (ISO time) and `withBodies` that move messages, after `FIELDS_OF`: the events of what
 * was sent through us. They are logged in the script that moves the message, so that they cost no round trip, and once, since
 * a message comes to a state once.
 *
 * `logMove(id, to, isFirstAck)` logs the state that settles a message and those after it, WhatsApp's ack, and with the first
 * ack the message itself as one of the account's own.
 */
export const LOG_MOVE = `${LOG_EVENT}
local acks = { sent = 1, delivered = 2, read = 3, played = 4 }
local ackNames = { 'server', 'device', 'read', 'played' }

-- By hand, since cjson writes an empty list as an object.
local function ownMessage(id, record)
  local content = cjson.decode(record.content)
  local phone = string.match(record.chatId or '', '^(%d+)@c%.us$')
  local lid = record.lid or string.match(record.chatId or '', '^%d+@lid$')
  local json = cjson.encode
  local fields = {
    '"id":' .. json(id), '"messageId":' .. json(record.messageId or id), '"chatId":' .. json(record.chatId or ''),
    '"from":' .. account(), '"fromMe":true', '"type":' .. json(content.type),
    '"mentions":' .. (content.mentions and #content.mentions > 0 and json(content.mentions) or '[]'),
    '"timestamp":' .. json(writtenAt), '"ack":1',
  }
  if withBodies then
    fields[#fields + 1] = '"text":' .. json(content.text or content.caption or content.question or '')
  else
    fields[#fields + 1] = '"bodyUrl":' .. json('/chats/' .. string.gsub(record.chatId or '', '@', '%%40') .. '/messages')
  end
  if phone then fields[#fields + 1] = '"phone":' .. json(phone) end
  if lid then fields[#fields + 1] = '"lid":' .. json(lid) end
  if record.reference then fields[#fields + 1] = '"reference":' .. json(record.reference) end
  return '{' .. table.concat(fields, ',') .. '}'
end

local function logMove(id, to, isFirstAck)
  if not isHeard() then return end
  local record = fieldsOf(keys.message(session, id),
    'messageId', 'to', 'chatId', 'lid', 'reason', 'detail', 'refusal', 'reference', 'batch', 'requestId', 'traceparent', isFirstAck and 'content' or 'to')
  local chats = record.chatId or ''
  if record.lid and record.lid ~= record.chatId then chats = chats .. ' ' .. record.lid end
  if isFirstAck then
    logEvent(eventId('message.any', id), 'message.any', chats, ownMessage(id, record), false, record.traceparent)
  end
  logEvent(eventId('message.status', id .. ' ' .. to), 'message.status', chats, cjson.encode({
    id = id, messageId = record.messageId, to = record.to, chatId = record.chatId, status = to,
    reason = record.reason, reference = record.reference, batch = record.batch, requestId = record.requestId,
    whatsapp = record.refusal and { code = tonumber(record.refusal), meaning = record.detail },
  }), false, record.traceparent)
  local ack = acks[to]
  if ack then
    logEvent(eventId('message.ack', id .. ' ' .. ack), 'message.ack', chats, cjson.encode({
      id = id, messageId = record.messageId, chatId = record.chatId, ack = ack, ackName = ackNames[ack],
      reference = record.reference,
    }), false, record.traceparent)
  end
end
`
