-- Loopwright: receive clips. What the window or a script sends to REAPER lands at the edit cursor,
-- at exactly the project's tempo. Runs until REAPER ends, or until it is terminated in the actions
-- list.
--
-- REAPER's Lua has no sockets, so `loopwright daw relay` listens for it: it puts what shall be
-- inserted into the file `inbox.clip`, and reads what came of it from `inbox.answer`. Each tells the
-- other once a second that it is there.

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

-- Whole or not at all: the relay may look at any time.
local function write(name, text)
  local file = io.open(path(name) .. ".part", "wb")
  if file then
    file:write(text)
    file:close()
    if not os.rename(path(name) .. ".part", path(name)) then -- Windows replaces no file
      os.remove(path(name))
      os.rename(path(name) .. ".part", path(name))
    end
  end
end

local function stay_in_touch()
  local now = os.time()
  if now ~= alive_at then
    alive_at = now
    write("alive", tostring(now))
  end
  local heard = tonumber(read("relay") or "") or 0
  if now - heard > RELAY_SILENT_S and now >= start_at then
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
  local values = loopwright.values(text)
  local ends, why = loopwright.insert({ values[2] }, reaper.GetCursorPosition(), values[3])
  if ends then
    reaper.SetEditCurPos(ends, true, false)
  end
  write("answer", values[1] .. "\n" .. (ends and "" or why))
end

local function look()
  stay_in_touch()
  take_clip()
  reaper.defer(look)
end

reaper.atexit(function()
  os.remove(path("alive"))
end)
look()
