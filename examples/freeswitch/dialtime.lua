-- Asks Dialtime before a call goes out, and bridges only after a clear yes: <action application="lua" data="dialtime.lua"/>.
-- It needs mod_curl with append_headers, and mod_lua.

local DIALTIME = "http://127.0.0.1:8080/agent-api/user/5832d184-dd53-42a0-8ace-0bf8d660f4cc"
local TOKEN = "YOUR_TOKEN"

-- Whether a call may go out: `thing` is dial-time-group/428 or task/UUID. No answer in two seconds is no.
local function allowed(api, thing)
  local request = DIALTIME .. "/" .. thing .. "/decision connect-timeout 1 timeout 2"
    .. " append_headers Accept:text/plain append_headers 'Authorization:Bearer " .. TOKEN .. "' get"
  local answer = api:execute("curl", request)
  return type(answer) == "string" and answer:match("^1%s*$") ~= nil
end

if session then
  local number = session:getVariable("destination_number") or ""
  if number:match("^%d+$") and allowed(freeswitch.API(), "dial-time-group/428") then
    session:execute("bridge", "sofia/gateway/trunk/" .. number)
  else
    session:hangup("CALL_REJECTED")
  end
end

return allowed
