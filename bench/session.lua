-- SPDX-License-Identifier: Apache-2.0
-- wrk script: one session a request. wrk -s session.lua URL -- mode=create|read [ids=FILE] [headers=FILE]
-- create: a new session with a small context; read: those of the file in turn.
dofile((debug.getinfo(1, "S").source:match("^@(.*/)") or "") .. "common.lua")

local head, ids, mode, more, count

function init(args)
	local option = read_options(args)
	ids, more = read_lines(option.ids), read_headers(option.headers)
	mode, count = option.mode, 0
	local body = '{"user_id":"user-000123","channel":"web","initial_context":{"cart":["4711"],"step":1},'
		.. '"language":"en","timezone":"Europe/Berlin"}'
	head = "POST " .. wrk.path .. " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" .. more
		.. "Content-Length: " .. #body .. "\r\n\r\n" .. body
end

function request()
	if mode == "create" then return head end
	count = count + 1
	return "GET " .. wrk.path .. "/" .. ids[count % #ids + 1] .. " HTTP/1.1\r\nHost: 127.0.0.1\r\n" .. more .. "\r\n"
end
