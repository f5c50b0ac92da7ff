-- Loopwright: import new clips as they appear, one after another from the edit cursor.
-- Runs until REAPER quits or the action is terminated in the action list.

local folder = ({ reaper.get_action_context() })[2]:match("^(.*)[/\\]")
local loopwright = dofile(folder .. "/loopwright.lua")

local POLL_EACH_S = 1
local known, poll_at, time = {}, 0, reaper.GetCursorPosition()

-- Return the names of all clips; REAPER caches the listing until it is asked to read it again.
local function names()
  reaper.EnumerateFiles(loopwright.project_folder, -1)
  local found, index = {}, 0
  while true do
    local name = reaper.EnumerateFiles(loopwright.project_folder, index)
    if not name then
      return found
    end
    if name:match("_[a-z2-7]+%.wav$") then
      found[#found + 1] = name
    end
    index = index + 1
  end
end

local function import(name)
  local path = loopwright.project_folder .. "/" .. name
  local bpm = tonumber(name:match("_([%d%.]+)bpm_"))
  local quarters = 0
  if bpm then
    local source = reaper.PCM_Source_CreateFromFile(path)
    local beats = source and reaper.GetMediaSourceLength(source) * bpm / 60 or 0
    quarters = math.floor(beats * 8 + 0.5) / 8 -- the bar of every meter is a whole number of 32nd notes
  end
  time = loopwright.insert({ path }, time, quarters) or time
end

local function poll()
  local now = reaper.time_precise()
  if now >= poll_at then
    poll_at = now + POLL_EACH_S
    for _, name in ipairs(names()) do
      if not known[name] then
        known[name] = true
        import(name)
      end
    end
  end
  reaper.defer(poll)
end

for _, name in ipairs(names()) do
  known[name] = true
end
poll()
