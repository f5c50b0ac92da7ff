-- Loopwright: insert the newest clip at the edit cursor, at the project's tempo.

local folder = ({ reaper.get_action_context() })[2]:match("^(.*)[/\\]")
local loopwright = dofile(folder .. "/loopwright.lua")

local clips, why = loopwright.newest(1)
if not clips then
  loopwright.show(why)
elseif not clips[1] then
  loopwright.show("The project has no clips yet: generate one first.")
else
  local quarters = loopwright.quarters_of(clips[1])
  local ends = loopwright.insert_clips({ clips[1].id }, reaper.GetCursorPosition(), quarters)
  if ends then
    reaper.SetEditCurPos(ends, true, false)
  end
end
