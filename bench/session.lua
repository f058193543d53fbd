-- SPDX-License-Identifier: Apache-2.0
-- wrk script: one session a request. wrk -s session.lua URL -- mode=create|read [ids=FILE] [headers=FILE]
-- create: a new session with a small context; read: those of the file in turn.
local head, ids, mode, more, count

local function read_lines(path)
	local lines = {}
	for line in io.lines(path) do
		if #line > 0 then lines[#lines + 1] = line end
	end
	return lines
end

function init(args)
	local option = {}
	for _, arg in ipairs(args) do
		local key, value = arg:match("^(%w+)=(.*)$")
		if key then option[key] = value end
	end
	ids = option.ids and read_lines(option.ids) or {}
	mode, count, more = option.mode, 0, ""
	for _, line in ipairs(option.headers and read_lines(option.headers) or {}) do
		more = more .. line .. "\r\n"
	end
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

function done(summary, latency)
	local e = summary.errors
	io.write(string.format(
		'RESULT {"done":%d,"seconds":%.6f,"p50_us":%d,"p99_us":%d,"max_us":%d,'
		.. '"refused":%d,"lost":%d}\n',
		summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99),
		latency.max, e.status, e.connect + e.read + e.write + e.timeout))
end
