-- Every policy as a careful platform team would write it: token (verified once, then cached),
-- scope, limit per application, mask of classified members, limit and lifecycle headers.
local cjson = require "cjson"
local lrucache = require "resty.lrucache"
local pkey = require "openssl.pkey"
local digest = require "openssl.digest"

local tokens = lrucache.new(4096)
local floor, now, exit = math.floor, ngx.now, ngx.exit
local facts, key, counters
local policies = {}

function policies.load(path)
  local file = assert(io.open(path))
  facts = cjson.decode(file:read("*a"))
  file:close()
  key = pkey.new(facts.pem)
  counters = ngx.shared.counters
end

local function refuse(status, kind, challenge)
  ngx.status = status
  ngx.header.content_type = "application/problem+json"
  if challenge then ngx.header.www_authenticate = challenge end
  ngx.say(cjson.encode({ type = kind, status = status }))
  return exit(status)
end

local function decode(part)
  part = part:gsub("-", "+"):gsub("_", "/")
  return ngx.decode_base64(part .. string.rep("=", -#part % 4))
end

local function verified(token)
  local head, payload, signature = token:match("^([%w_-]+)%.([%w_-]+)%.([%w_-]+)$")
  if not head then return nil end
  local fine, header, claims = pcall(function()
    return cjson.decode(decode(head)), cjson.decode(decode(payload))
  end)
  if not fine or header.alg ~= "RS256" or header.typ ~= "at+jwt" then return nil end
  if header.kid ~= facts.kid then return nil end
  local hash = digest.new("sha256")
  hash:update(head .. "." .. payload)
  local ok, good = pcall(key.verify, key, decode(signature), hash)
  if not ok or not good then return nil end
  if claims.iss ~= facts.issuer or claims.aud ~= facts.audience then return nil end
  if type(claims.exp) ~= "number" or claims.exp <= now() then return nil end
  local scopes = {}
  for scope in tostring(claims.scope or ""):gmatch("%S+") do scopes[scope] = true end
  return { client = claims.client_id, scopes = scopes, expires = claims.exp }
end

local function identity()
  -- The whole field is the cache's key: patterns are not compiled by LuaJIT, a table look-up is.
  local given = ngx.var.http_authorization
  if not given then return nil end
  local known = tokens:get(given)
  if known then return known.expires > now() and known or nil end
  local token = given:match("^[Bb]earer (%S+)$")
  local fresh = token and verified(token)
  if fresh then tokens:set(given, fresh, fresh.expires - now()) end
  return fresh
end

function policies.access()
  local caller = identity()
  if not caller then return refuse(401, "unauthenticated", 'Bearer error="invalid_token"') end
  local plan = facts.plans[caller.client]
  if not plan or not caller.scopes[facts.scope] then
    return refuse(403, "missing-scope",
      'Bearer error="insufficient_scope", scope="' .. facts.scope .. '"')
  end
  local time = now()
  local window = floor(time / plan.window)
  local count = counters:incr(caller.client .. ":" .. window, 1, 0, plan.window * 2)
  local reset = (window + 1) * plan.window - floor(time)
  local left = plan.quota - count
  ngx.header["RateLimit-Policy"] = plan.header
  ngx.header["RateLimit"] = '"calls";r=' .. (left > 0 and left or 0) .. ";t=" .. reset
  if left < 0 then
    ngx.header.retry_after = reset
    return refuse(429, "quota-exceeded")
  end
end

function policies.headers()
  ngx.header["Deprecation"] = facts.deprecation
  ngx.header["Sunset"] = facts.sunset
  local kind = ngx.header.content_type
  if ngx.status == 200 and kind and kind:find("application/json", 1, true) then
    ngx.header.content_length = nil
    ngx.ctx.parts = {}
  end
end

local function email(text)
  local at = text:find("@", 1, true)
  return at and "****" .. text:sub(at) or "****"
end

local function mask(order)
  order.margin = nil
  local customer = order.customer
  if customer then
    if customer.name then customer.name = "****" end
    if customer.email then customer.email = email(customer.email) end
    if customer.phone then
      customer.phone = string.rep("*", #customer.phone - 4) .. customer.phone:sub(-4)
    end
  end
end

function policies.body()
  local parts = ngx.ctx.parts
  if not parts then return end
  parts[#parts + 1] = ngx.arg[1]
  if not ngx.arg[2] then
    ngx.arg[1] = nil
    return
  end
  local fine, value = pcall(cjson.decode, #parts == 1 and parts[1] or table.concat(parts))
  if not fine then
    ngx.arg[1] = "{}"
    return
  end
  if value.items then
    for _, order in ipairs(value.items) do mask(order) end
  else
    mask(value)
  end
  ngx.arg[1] = cjson.encode(value)
end

return policies
