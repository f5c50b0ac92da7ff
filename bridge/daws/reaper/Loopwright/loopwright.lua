-- Shared by Loopwright's actions: sends messages to the bridge through the command line, and inserts
-- clips into the project at exactly its tempo. Needs no extension.

local loopwright = {}

local folder = ({ reaper.get_action_context() })[2]:match("^(.*)[/\\]")
local config = dofile(folder .. "/config.lua") -- written by `loopwright daw install reaper`

local SYNC_MS = 10000

-- Text as an argument. Quotes and backslashes do not survive on all systems, so they are replaced.
local function quoted(text)
  text = tostring(text):gsub('"', "'"):gsub("\\", "/"):gsub("%c", " ")
  return '"' .. text .. '"'
end

local function command(words)
  local parts = {}
  for _, word in ipairs(config.program) do
    parts[#parts + 1] = '"' .. word .. '"'
  end
  for _, word in ipairs(words) do
    parts[#parts + 1] = quoted(word)
  end
  return table.concat(parts, " ")
end

local ESCAPES = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

-- Return the JSON string that starts at `at`, and where the next item starts.
local function json_text(source, at)
  local parts, high = {}, nil
  at = at + 1
  while true do
    local char = source:sub(at, at)
    if char == "" or char == '"' then
      return table.concat(parts), at + 1
    elseif char ~= "\\" then
      parts[#parts + 1] = char
      at = at + 1
    elseif source:sub(at + 1, at + 1) == "u" then
      local code = tonumber(source:sub(at + 2, at + 5), 16)
      at = at + 6
      if code >= 0xD800 and code < 0xDC00 then
        high = code
      else
        if high and code >= 0xDC00 and code < 0xE000 then
          code = 0x10000 + (high - 0xD800) * 0x400 + (code - 0xDC00)
        end
        parts[#parts + 1] = utf8.char(code)
        high = nil
      end
    else
      local escaped = source:sub(at + 1, at + 1)
      parts[#parts + 1] = ESCAPES[escaped] or escaped
      at = at + 2
    end
  end
end

-- Return the strings and numbers of a line, or of a JSON list, in their order.
function loopwright.values(source)
  local found, at = {}, 1
  while at <= #source do
    if source:sub(at, at) == '"' then
      found[#found + 1], at = json_text(source, at)
    else
      local number = source:match("^%-?%d[%d%.eE+-]*", at)
      if number then
        found[#found + 1] = tonumber(number)
        at = at + #number
      else
        at = at + 1
      end
    end
  end
  return found
end

function loopwright.show(sentence)
  reaper.ShowMessageBox(sentence, "Loopwright", 0)
end

-- Send a message and wait for its replies; return a list of { address, values }, or nil and an error.
function loopwright.ask(address, ...)
  local words = { "send", address, "--port", config.port, "--wait", 5, "--", ... }
  local output = reaper.ExecProcess(command(words), SYNC_MS) or ""
  local code, lines = output:match("^(%-?%d+)\n(.*)$")
  local answers = {}
  for line in (lines or ""):gmatch("[^\r\n]+") do
    local name, rest = line:match("^(/%S+)%s*(.*)$")
    if name then
      answers[#answers + 1] = { address = name, values = loopwright.values(rest) }
    end
  end
  local last = answers[#answers]
  if last and last.address == "/lw/fail" then
    return nil, last.values[4]
  end
  if code ~= "0" then
    return nil, "Loopwright's bridge is not running: open Loopwright, or run 'loopwright bridge'."
  end
  return answers
end

-- Request a loop, and call `on_end(arguments of /lw/done)` when it is done. Does not block REAPER.
function loopwright.generate(prompt, bpm, bars, key, takes, on_end)
  local id = ("reaper-%d-%d"):format(os.time(), math.random(1000000))
  local result = reaper.GetResourcePath() .. "/" .. id .. ".json"
  local words = { "send", "/lw/generate", "--port", config.port, "--wait", 3600 }
  for _, word in ipairs({ "--result", result, "--", id, prompt, bpm, bars, key, -1, "", takes }) do
    words[#words + 1] = word
  end
  reaper.ExecProcess(command(words), -2)
  local give_up_at = reaper.time_precise() + 3600
  local function poll()
    local file = io.open(result, "r")
    if not file then
      if reaper.time_precise() < give_up_at then
        reaper.defer(poll)
      end
      return
    end
    local text = file:read("a")
    file:close()
    os.remove(result)
    local values = loopwright.values(text:match('"arguments":%s*(%b[])') or "")
    if text:match('"ok":%s*true') then
      on_end(values)
    else
      loopwright.show(values[4] or "Could not generate the loop: try again.")
    end
  end
  reaper.defer(poll)
end

-- Start the relay for `receive.lua`; it exits if another one is running. Does not block REAPER.
function loopwright.start_relay(inbox)
  local words = { "daw", "relay", "--inbox", inbox, "--port", config.port }
  reaper.ExecProcess(command(words), -2)
end

-- Return the absolute path of a clip, or nil and an error.
function loopwright.path_of(clip)
  local answers, why = loopwright.ask("/lw/clip/path", clip)
  if not answers then
    return nil, why
  end
  return answers[#answers].values[2]
end

-- Return the newest clips: a list of { id, file, bpm, bars, numerator, denominator }.
function loopwright.newest(count)
  local answers, why = loopwright.ask("/lw/clip/list", 0, count)
  if not answers then
    return nil, why
  end
  local clips = {}
  for _, answer in ipairs(answers) do
    if answer.address == "/lw/clip" then
      local v = answer.values
      clips[#clips + 1] =
        { id = v[1], file = v[2], bpm = v[3], bars = v[4], numerator = v[5], denominator = v[6] }
    end
  end
  return clips
end

-- Return the length of a clip in quarter notes; 0 for a one-shot.
function loopwright.quarters_of(clip)
  return clip.bars * 4 * clip.numerator / clip.denominator
end

-- Return the tempo, in quarter notes per minute, and the meter at a time. REAPER's own BPM counts
-- beats of the meter, so the tempo is computed from the length of a quarter note.
function loopwright.grid_at(time)
  local numerator, denominator = reaper.TimeMap_GetTimeSigAtTime(0, time)
  local quarter = reaper.TimeMap2_timeToQN(0, time)
  local length = reaper.TimeMap2_QNToTime(0, quarter + 1) - time
  return 60 / length, numerator, denominator
end

local function new_track()
  reaper.InsertTrackAtIndex(reaper.CountTracks(0), true)
  return reaper.GetTrack(0, reaper.CountTracks(0) - 1)
end

-- Return the track for clips: the selected one, or a new one at the end.
function loopwright.track()
  return reaper.GetSelectedTrack(0, 0) or new_track()
end

-- Add a file to an item as a take of exactly `length` seconds; 0 for the file's own length.
local function add_take(item, path, length)
  local source = reaper.PCM_Source_CreateFromFile(path)
  if not source then
    return nil, "REAPER cannot read " .. path .. ": check that the file still exists."
  end
  local own_length = reaper.GetMediaSourceLength(source)
  local take = reaper.AddTakeToMediaItem(item)
  reaper.SetMediaItemTake_Source(take, source)
  if length == 0 then
    length = own_length
  end
  -- InsertMedia's tempo match is no use here: it rounds to a power of two bars.
  reaper.SetMediaItemTakeInfo_Value(take, "D_PLAYRATE", own_length / length)
  reaper.SetMediaItemTakeInfo_Value(take, "B_PPITCH", 1)
  local name = path:match("([^/\\]+)%.wav$") or path
  reaper.GetSetMediaItemTakeInfo_String(take, "P_NAME", name, true)
  return length
end

-- Insert files at a time, as the takes of one new item of `quarters` quarter notes.
-- Return the end of the item, or nil and an error.
function loopwright.insert(paths, time, quarters)
  local length = 0
  if quarters > 0 then
    local begin = reaper.TimeMap2_timeToQN(0, time)
    length = reaper.TimeMap2_QNToTime(0, begin + quarters) - time
  end
  reaper.Undo_BeginBlock()
  local item = reaper.AddMediaItemToTrack(loopwright.track())
  local why, item_length
  for _, path in ipairs(paths) do
    local found
    found, why = add_take(item, path, length)
    item_length = item_length or found
  end
  if item_length then
    reaper.SetMediaItemInfo_Value(item, "D_POSITION", time)
    reaper.SetMediaItemInfo_Value(item, "D_LENGTH", item_length)
    reaper.SetMediaItemInfo_Value(item, "B_LOOPSRC", quarters > 0 and 1 or 0)
  end
  reaper.UpdateArrange()
  reaper.Undo_EndBlock("Loopwright: insert clip", -1)
  if not item_length then
    return nil, why
  end
  return time + item_length
end

-- Read what the relay writes of a MIDI file: a length in quarter notes, then for each part its name,
-- channel and number of notes, and for each note its start, length, number and velocity.
local function parts_of(values)
  local parts, at = {}, 2
  while values[at] do
    local part = { name = values[at], channel = values[at + 1], notes = {} }
    local count = values[at + 2]
    at = at + 3
    for _ = 1, count do
      part.notes[#part.notes + 1] = { table.unpack(values, at, at + 3) }
      at = at + 4
    end
    parts[#parts + 1] = part
  end
  return parts, values[1]
end

local function insert_part(part, track, time, ends)
  local item = reaper.CreateNewMIDIItemInProj(track, time, ends, false)
  local take = item and reaper.GetActiveTake(item)
  if not take then
    return "REAPER could not make a MIDI item: unlock the track, and send the clip again."
  end
  local begin = reaper.TimeMap2_timeToQN(0, time)
  for _, note in ipairs(part.notes) do
    local start, length, number, velocity = table.unpack(note)
    local first = reaper.MIDI_GetPPQPosFromProjQN(take, begin + start)
    local last = reaper.MIDI_GetPPQPosFromProjQN(take, begin + start + length)
    reaper.MIDI_InsertNote(
      take, false, false, first, last, part.channel, number, velocity, true
    )
  end
  reaper.MIDI_Sort(take)
  reaper.GetSetMediaItemTakeInfo_String(take, "P_NAME", part.name, true)
  reaper.SetMediaItemInfo_Value(item, "B_LOOPSRC", 1)
end

-- Insert the notes of a clip at a time: a single part on the selected track; several on a new track
-- each, so that no instrument of the project plays another part's notes. `values` are the relay's.
-- Return the end of the items, or nil and an error.
function loopwright.insert_notes(values, time)
  local parts, quarters = parts_of(values)
  local begin = reaper.TimeMap2_timeToQN(0, time)
  local ends = reaper.TimeMap2_QNToTime(0, begin + quarters)
  local why
  reaper.Undo_BeginBlock()
  for _, part in ipairs(parts) do
    local track = #parts == 1 and loopwright.track() or new_track()
    if #parts > 1 then
      reaper.GetSetMediaTrackInfo_String(track, "P_NAME", part.name, true)
    end
    why = why or insert_part(part, track, time, ends)
  end
  reaper.UpdateArrange()
  reaper.Undo_EndBlock("Loopwright: insert MIDI", -1)
  if why then
    return nil, why
  end
  return ends
end

-- Insert clips by their ids; show an error if that fails.
function loopwright.insert_clips(ids, time, quarters)
  local paths = {}
  for _, id in ipairs(ids) do
    local path, why = loopwright.path_of(id)
    if not path then
      loopwright.show(why)
      return nil
    end
    paths[#paths + 1] = path
  end
  local ends, why = loopwright.insert(paths, time, quarters)
  if not ends then
    loopwright.show(why)
  end
  return ends
end

loopwright.project_folder = config.project

return loopwright
