-- SPDX-License-Identifier: Apache-2.0
-- wrk script: one chat message a request. wrk -s message.lua URL -- mode=new|rr|hot tag=HEX8 [ids=FILE] [headers=FILE]
-- new: a conversation for each message; rr: those of the file in turn; hot: its first one, always.
-- Every message_id is new (tag, thread, counter), so no answer comes from the window of duplicates.
dofile((debug.getinfo(1, "S").source:match("^@(.*/)") or "") .. "common.lua")

local threads = 0
local head, before, middle, after, ids, count

function setup(thread)
	thread:set("number", threads)
	threads = threads + 1
end

function init(args)
	local option = read_options(args)
	ids = read_lines(option.ids)
	if option.mode == "new" then ids = {} end
	if option.mode == "hot" then ids = { ids[1] } end
	count = 0
	before = string.format('{"message_id":"%s-0000-4000-8%03x-', option.tag, number)
	middle = '","tenant_id":"demo","user_id":"user-000123"'
	after = ',"channel":"web","timestamp":"2025-01-01T00:00:00Z","content":{"type":"text",'
		.. '"text":"Hello, I would like to check the status of my order 4711 please",'
		.. '"language":"en"},"channel_metadata":{"platform":"web"}}'
	local length = #before + 12 + #middle + #after
	if #ids > 0 then length = length + #',"conversation_id":""' + #ids[1] end
	head = "POST " .. wrk.path .. " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
		.. "X-Tenant-ID: demo\r\n" .. read_headers(option.headers)
		.. "Content-Length: " .. length .. "\r\n\r\n"
end

function request()
	count = count + 1
	local text = head .. before .. string.format("%012x", count) .. middle
	if #ids > 0 then
		text = text .. ',"conversation_id":"' .. ids[count % #ids + 1] .. '"'
	end
	return text .. after
end
