-- Loopwright: generate at the time selection. Bars and tempo come from the selection; without one, it
-- is four bars at the edit cursor. The key comes from a line "key: F# minor" in the project notes.

local folder = ({ reaper.get_action_context() })[2]:match("^(.*)[/\\]")
local loopwright = dofile(folder .. "/loopwright.lua")

local function target()
  local first, last = reaper.GetSet_LoopTimeRange(false, false, 0, 0, false)
  if last <= first then
    first = reaper.GetCursorPosition()
    local bpm, numerator, denominator = loopwright.grid_at(first)
    return first, bpm, 4, numerator, denominator
  end
  local _, numerator, denominator = loopwright.grid_at(first)
  local quarters = reaper.TimeMap2_timeToQN(0, last) - reaper.TimeMap2_timeToQN(0, first)
  local bars = math.max(1, math.floor(quarters / (4 * numerator / denominator) + 0.5))
  return first, 60 * quarters / (last - first), bars, numerator, denominator
end

local time, bpm, bars, numerator, denominator = target()
local key = reaper.GetSetProjectNotes(0, false, ""):match("[Kk]ey:%s*([^\r\n]+)") or ""
local titles = "Prompt,Bars,Key,Takes,extrawidth=200,separator=|"
local given, answer = reaper.GetUserInputs("Loopwright", 4, titles, "|" .. bars .. "|" .. key .. "|1")
if not given then
  return
end
local prompt, asked_bars, asked_key, takes = answer:match("^(.-)|(.-)|(.-)|(.-)$")

loopwright.ask("/lw/host/meter", numerator, denominator)
loopwright.generate(
  prompt, ("%.4f"):format(bpm), tonumber(asked_bars) or bars, asked_key, tonumber(takes) or 1,
  function(done)
    loopwright.insert_clips({ done[3] }, time, done[7])
  end
)
