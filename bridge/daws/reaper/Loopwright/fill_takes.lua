-- Loopwright: fill takes. Inserts the newest clips of one length as takes of one item at the cursor.

local folder = ({ reaper.get_action_context() })[2]:match("^(.*)[/\\]")
local loopwright = dofile(folder .. "/loopwright.lua")

local given, answer = reaper.GetUserInputs("Loopwright", 1, "Number of takes (2-20)", "4")
if not given then
  return
end
local wanted = math.min(20, math.max(2, tonumber(answer) or 4))
local clips, why = loopwright.newest(20)
if not clips then
  loopwright.show(why)
elseif not clips[1] then
  loopwright.show("The project has no clips yet: generate some first.")
else
  local quarters, ids = loopwright.quarters_of(clips[1]), {}
  for _, clip in ipairs(clips) do
    if #ids < wanted and loopwright.quarters_of(clip) == quarters then
      ids[#ids + 1] = clip.id
    end
  end
  loopwright.insert_clips(ids, reaper.GetCursorPosition(), quarters)
end
