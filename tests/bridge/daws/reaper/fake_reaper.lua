-- REAPER's API, as far as the scripts use it, recorded: `lua fake_reaper.lua SCRIPT SETUP.lua`.
-- The set-up is a table: tempo (beats of the meter a minute, as REAPER counts), numerator,
-- denominator, selection, cursor, notes, inputs, resource_path, run_defers. Prints what was done.

local script, setup = arg[1], dofile(arg[2])

local function log(...)
  local parts = {}
  for _, part in ipairs({ ... }) do
    parts[#parts + 1] = type(part) == "number" and ("%.12g"):format(part) or tostring(part)
  end
  print(table.concat(parts, "\t"))
end

local quarter_s = 60 / setup.tempo * setup.denominator / 4
local deferred, at_exit, items, tracks = {}, {}, {}, {}
local listing, wav_length

-- The length of a 24-bit or 32-bit WAV file, from its header.
function wav_length(path)
  local file = io.open(path, "rb")
  if not file then
    return nil
  end
  local data = file:read("a")
  file:close()
  local at, rate, block = 13, nil, nil
  while at < #data do
    local name, size = data:sub(at, at + 3), string.unpack("<I4", data, at + 4)
    if name == "fmt " then
      rate, block = string.unpack("<I4", data, at + 12), string.unpack("<I2", data, at + 20)
    elseif name == "data" then
      return size / block / rate
    end
    at = at + 8 + size + size % 2
  end
end

reaper = {
  get_action_context = function() return false, script, 0, 0, 0, 0, 0 end,
  GetResourcePath = function() return setup.resource_path end,
  time_precise = os.clock,
  atexit = function(f) at_exit[#at_exit + 1] = f end,
  defer = function(f) deferred[#deferred + 1] = f end,
  ShowMessageBox = function(text) log("message", text) end,
  GetUserInputs = function(_, count, titles, defaults)
    log("inputs", count, titles, (defaults:gsub("\n", " ")))
    if setup.inputs == nil then return false, "" end
    return true, setup.inputs
  end,
  GetSetProjectNotes = function() return setup.notes or "" end,
  GetSet_LoopTimeRange = function() return setup.selection[1], setup.selection[2] end,
  GetCursorPosition = function() return setup.cursor end,
  SetEditCurPos = function(time) setup.cursor = time; log("cursor", time) end,
  TimeMap_GetTimeSigAtTime = function() return setup.numerator, setup.denominator, setup.tempo end,
  TimeMap2_timeToQN = function(_, time) return time / quarter_s end,
  TimeMap2_QNToTime = function(_, quarters) return quarters * quarter_s end,
  ExecProcess = function(line, timeout)
    if timeout < 0 then
      os.execute(line .. " > /dev/null 2>&1 &")
      return nil
    end
    local pipe = io.popen(line .. " 2>/dev/null", "r")
    local text = pipe:read("a")
    local _, _, code = pipe:close()
    return code .. "\n" .. text
  end,
  EnumerateFiles = function(folder, index)
    if index < 0 then
      listing = {}
      local pipe = io.popen('ls -1 "' .. folder .. '"')
      for name in pipe:lines() do listing[#listing + 1] = name end
      pipe:close()
      return nil
    end
    return listing[index + 1]
  end,
  GetSelectedTrack = function() return tracks[1] end,
  CountTracks = function() return #tracks end,
  InsertTrackAtIndex = function(index) table.insert(tracks, index + 1, { index = index }) end,
  GetTrack = function(_, index) return tracks[index + 1] end,
  AddMediaItemToTrack = function(track)
    assert(track, "no track")
    items[#items + 1] = { number = #items + 1, takes = 0 }
    log("item", #items)
    return items[#items]
  end,
  AddTakeToMediaItem = function(item)
    item.takes = item.takes + 1
    return { item = item.number, number = item.takes }
  end,
  PCM_Source_CreateFromFile = function(path)
    local length = wav_length(path)
    return length and { path = path, length = length }
  end,
  GetMediaSourceLength = function(source) return source.length, false end,
  SetMediaItemTake_Source = function(take, source) log("source", take.item, take.number, source.path) end,
  SetMediaItemTakeInfo_Value = function(take, name, value) log(name, take.item, take.number, value) end,
  GetSetMediaItemTakeInfo_String = function(take, name, value) log(name, take.item, take.number, value) end,
  SetMediaItemInfo_Value = function(item, name, value) log(name, item.number, value) end,
  GetSetMediaTrackInfo_String = function(track, name, value) log("track", track.index, name, value) end,
  CreateNewMIDIItemInProj = function(track, first, last)
    if track.locked then return nil end
    items[#items + 1] = { number = #items + 1, first_qn = first / quarter_s, notes = {} }
    log("midi item", track.index, first, last)
    return items[#items]
  end,
  GetActiveTake = function(item) return { item = item.number, midi = item, number = 1 } end,
  -- 960 ticks per quarter note, from the start of the item.
  MIDI_GetPPQPosFromProjQN = function(take, quarter) return (quarter - take.midi.first_qn) * 960 end,
  MIDI_InsertNote = function(take, selected, muted, first, last, channel, number, velocity, unsorted)
    assert(not selected and not muted and unsorted)
    assert(math.type(channel) == "integer" and channel >= 0 and channel < 16, "channel")
    assert(math.type(number) == "integer" and number >= 0 and number < 128, "number")
    assert(math.type(velocity) == "integer" and velocity > 0 and velocity < 128, "velocity")
    assert(first >= 0 and last > first, "a note without length")
    take.midi.sorted = false
    log("note", take.item, channel, number, velocity, first, last)
    return true
  end,
  MIDI_Sort = function(take) log("sorted", take.item) end,
  UpdateArrange = function() end,
  Undo_BeginBlock = function() end,
  Undo_EndBlock = function(name) log("undo", name) end,
}
-- REAPER refuses a call of what it does not have; so do we.
setmetatable(reaper, { __index = function(_, name) error("reaper." .. name .. " is not there") end })

dofile(script)
local before = os.time()
while #deferred > 0 and os.time() - before < 60 do
  if setup.stop_when and setup.stop_when(items) then break end
  local now = deferred
  deferred = {}
  for _, f in ipairs(now) do f() end
end
for _, f in ipairs(at_exit) do f() end
