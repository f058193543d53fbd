-- SPDX-License-Identifier: Apache-2.0
-- What the wrk scripts beside it share: options, files of lines, the line that the driver reads.

-- The `key=value` words behind `--`.
function read_options(args)
	local option = {}
	for _, arg in ipairs(args) do
		local key, value = arg:match("^(%w+)=(.*)$")
		if key then option[key] = value end
	end
	return option
end

-- The lines of a file that are not empty; none without a file.
function read_lines(path)
	local lines = {}
	if not path then return lines end
	for line in io.lines(path) do
		if #line > 0 then lines[#lines + 1] = line end
	end
	return lines
end

-- The lines of a file as header lines.
function read_headers(path)
	local text = ""
	for _, line in ipairs(read_lines(path)) do
		text = text .. line .. "\r\n"
	end
	return text
end

function done(summary, latency)
	local e = summary.errors
	io.write(string.format(
		'RESULT {"done":%d,"seconds":%.6f,"p50_us":%d,"p99_us":%d,"max_us":%d,'
		.. '"refused":%d,"lost":%d}\n',
		summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99),
		latency.max, e.status, e.connect + e.read + e.write + e.timeout))
end
