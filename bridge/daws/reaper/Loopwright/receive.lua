-- Loopwright: receive clips. Inserts clips that the window or a script sends to REAPER at the edit
-- cursor, at exactly the project's tempo. Runs until REAPER quits or the action is terminated in the
-- action list.
--
-- REAPER's Lua has no sockets, so `loopwright daw relay` receives for it: it writes the next clip to
-- the file `inbox.clip`, and reads the result from `inbox.answer`. Once a second, each writes a
-- heartbeat for the other.

local folder = ({ reaper.get_action_context() })[2]:match("^(.*)[/\\]")
local loopwright = dofile(folder .. "/loopwright.lua")

local RELAY_SILENT_S, START_EACH_S = 5, 10
local alive_at, start_at = 0, 0

local function path(name)
  return folder .. "/inbox." .. name
end

local function read(name)
  local file = io.open(path(name), "rb")
  if not file then
    return nil
  end
  local text = file:read("a")
  file:close()
  return text
end

-- Write atomically: the relay may read at any time.
local function write(name, text)
  local file = io.open(path(name) .. ".part", "wb")
  if file then
    file:write(text)
    file:close()
    if not os.rename(path(name) .. ".part", path(name)) then -- Windows does not replace files
      os.remove(path(name))
      os.rename(path(name) .. ".part", path(name))
    end
  end
end

local function exchange_heartbeats()
  local now = os.time()
  if now ~= alive_at then
    alive_at = now
    write("alive", tostring(now))
  end
  local relay_at = tonumber(read("relay") or "") or 0
  if now - relay_at > RELAY_SILENT_S and now >= start_at then
    start_at = now + START_EACH_S
    loopwright.start_relay(folder)
  end
end

local function take_clip()
  local text = read("clip")
  if not text then
    return
  end
  os.remove(path("clip"))
  local values, cursor = loopwright.values(text), reaper.GetCursorPosition()
  local ends, why
  if values[4] then
    ends, why = loopwright.insert_notes({ table.unpack(values, 4) }, cursor)
  else
    ends, why = loopwright.insert({ values[2] }, cursor, values[3])
  end
  if ends then
    reaper.SetEditCurPos(ends, true, false)
  end
  write("answer", values[1] .. "\n" .. (ends and "" or why))
end

local function poll()
  exchange_heartbeats()
  take_clip()
  reaper.defer(poll)
end

reaper.atexit(function()
  os.remove(path("alive"))
end)
poll()
