-- The scenarios of scenarios.py for wrk, one connection in each thread.
-- Arguments: the folder with bodies.tsv, the file of resources in it, the scenario. BENCH_RESULT: where the
-- measurement is written as JSON.

local threads = {}

function setup(thread)
  table.insert(threads, thread)
  thread:set("number", #threads)
end

local HEAD = " HTTP/1.1\r\nHost: bench\r\nAccept: application/fhir+json\r\n"

local function rows(path)
  local found = {}
  for line in io.lines(path) do
    local name, value = line:match("^([^\t]*)\t(.*)$")
    found[#found + 1] = { name, value }
  end
  return found
end

local function with_body(method, path, body)
  return method .. " /fhir/" .. path .. HEAD .. "Content-Type: application/fhir+json\r\nContent-Length: "
    .. #body .. "\r\n\r\n" .. body
end

local function without_body(method, path)
  return method .. " /fhir/" .. path .. HEAD .. "\r\n"
end

local function replaced(body, marker, value)
  local found = {}
  local position = 1
  while true do
    local first, last = body:find(marker, position, true)
    if not first then break end
    found[#found + 1] = body:sub(position, first - 1)
    found[#found + 1] = value
    position = last + 1
  end
  found[#found + 1] = body:sub(position)
  return table.concat(found)
end

local serial = 0

local function put(name, id, body)
  serial = serial + 1
  local fresh = replaced(body, "bench.id.marker", id)
  fresh = replaced(fresh, "bench.serial.marker", run .. "-" .. number .. "-" .. serial)
  return coroutine.yield("update", with_body("PUT", name .. "/" .. id, fresh), 200)
end

local function any(list)
  return list[math.random(#list)]
end

local scenarios = {}

function scenarios.read(resources)
  while true do
    local resource = any(resources)
    coroutine.yield("read", without_body("GET", resource[1] .. "/" .. resource[2]), 200)
  end
end

function scenarios.history(resources)
  while true do
    local resource = any(resources)
    coroutine.yield("history", without_body("GET", resource[1] .. "/" .. resource[2] .. "/_history"), 200)
  end
end

function scenarios.create(_, bodies)
  while true do
    local body = any(bodies)
    coroutine.yield("create", with_body("POST", body[1], body[2]), 201)
  end
end

function scenarios.update(resources, _, by_type)
  while true do
    local resource = any(resources)
    put(resource[1], resource[2], any(by_type[resource[1]]))
  end
end

function scenarios.mix(_, _, by_type)
  while true do
    for name, bodies in pairs(by_type) do
      local body = any(bodies)
      local headers = coroutine.yield("create", with_body("POST", name, body), 201)
      local location = headers["Location"] or headers["location"] or ""
      local id = location:match("/" .. name .. "/([^/]+)")
      if id then
        coroutine.yield("read", without_body("GET", name .. "/" .. id), 200)
        put(name, id, body)
        coroutine.yield("delete", without_body("DELETE", name .. "/" .. id), 204)
      end
    end
  end
end

local steps, operation, pending, expected
failures = ""
local counts = {}

local function advance(...)
  local alive, name, text, status = coroutine.resume(steps, ...)
  if not alive then error(name) end
  operation, pending, expected = name, text, status
end

function init(arguments)
  local folder, resources, scenario = arguments[1], arguments[2], arguments[3]
  math.randomseed(os.time() * 100 + number)
  run = string.format("%x", os.time())
  local bodies = rows(folder .. "/bodies.tsv")
  local by_type = {}
  for _, body in ipairs(bodies) do
    by_type[body[1]] = by_type[body[1]] or {}
    table.insert(by_type[body[1]], body)
  end
  for name, list in pairs(by_type) do
    for index, body in ipairs(list) do list[index] = body[2] end
  end
  steps = coroutine.create(scenarios[scenario])
  advance(rows(folder .. "/" .. resources), bodies, by_type)
end

function request()
  return pending
end

function response(status, headers)
  if status ~= expected then
    local key = operation .. " " .. status
    counts[key] = (counts[key] or 0) + 1
    local parts = {}
    for name, count in pairs(counts) do parts[#parts + 1] = name .. "=" .. count end
    failures = table.concat(parts, ";")
  end
  advance(headers)
end

function done(summary, latency)
  local errors = {}
  for _, thread in ipairs(threads) do
    for name, count in (thread:get("failures") or ""):gmatch("([^=;]+)=(%d+)") do
      errors[name] = (errors[name] or 0) + tonumber(count)
    end
  end
  local lost = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  if lost > 0 then errors["connection"] = lost end
  local parts = {}
  for name, count in pairs(errors) do parts[#parts + 1] = string.format('"%s":%d', name, count) end
  local file = io.open(os.getenv("BENCH_RESULT"), "w")
  file:write(string.format(
    '{"rate":%f,"requests":%d,"p50_ms":%f,"p99_ms":%f,"errors":{%s}}',
    summary.requests / summary.duration * 1e6, summary.requests,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, table.concat(parts, ",")))
  file:close()
end
