-- Fields of tables, and branches: a thousand particles in a box, n steps.

local COUNT = 1000
local n = tonumber(arg[1])

local s = 5
local function unit()
    s = (s * 1664525 + 1013904223) % 4294967296
    return math.floor(s / 65536) / 65536.0
end

local ps = {}
for i = 0, COUNT - 1 do
    local p = { x = unit(), y = unit(), z = unit() }
    p.vx = unit() - 0.5
    p.vy = unit() - 0.5
    p.vz = unit() - 0.5
    p.hits = 0
    p.kind = i % 3
    ps[i] = p
end
local dt = 0.01
for _ = 1, n do
    for i = 0, COUNT - 1 do
        local p = ps[i]
        if p.kind == 0 then
            p.vy = p.vy - 0.5 * dt
        elseif p.kind == 1 then
            p.vy = p.vy + 0.25 * dt
        end
        p.x = p.x + p.vx * dt
        p.y = p.y + p.vy * dt
        p.z = p.z + p.vz * dt
        if p.x < 0.0 then
            p.x = -p.x
            p.vx = -p.vx
            p.hits = p.hits + 1
        elseif p.x > 1.0 then
            p.x = 2.0 - p.x
            p.vx = -p.vx
            p.hits = p.hits + 1
        end
        if p.y < 0.0 then
            p.y = -p.y
            p.vy = -p.vy
            p.hits = p.hits + 1
        elseif p.y > 1.0 then
            p.y = 2.0 - p.y
            p.vy = -p.vy
            p.hits = p.hits + 1
        end
        if p.z < 0.0 then
            p.z = -p.z
            p.vz = -p.vz
            p.hits = p.hits + 1
        elseif p.z > 1.0 then
            p.z = 2.0 - p.z
            p.vz = -p.vz
            p.hits = p.hits + 1
        end
    end
end
local hits, total = 0, 0.0
for i = 0, COUNT - 1 do
    local p = ps[i]
    hits = hits + p.hits
    total = total + (p.x + p.y + p.z)
end
print(string.format("%.0f", hits * 10000 + math.floor(total)))
