-- Fields of tables, square roots and divisions: five bodies, n steps.

local sqrt = math.sqrt
local n = tonumber(arg[1])

local bodies = {
    { x = 0.0, y = 0.0, z = 0.0, vx = 0.0, vy = 0.0, vz = 0.0, m = 1000.0 },
    { x = 10.0, y = 0.0, z = 0.5, vx = 0.0, vy = 10.0, vz = 0.0, m = 1.0 },
    { x = 0.0, y = 20.0, z = -1.0, vx = -7.0, vy = 0.0, vz = 0.5, m = 2.0 },
    { x = -30.0, y = 0.0, z = 1.0, vx = 0.0, vy = -5.75, vz = 0.25, m = 0.5 },
    { x = 0.0, y = -40.0, z = 0.0, vx = 5.0, vy = 0.0, vz = -0.5, m = 0.25 },
}

local function advance(dt)
    for i = 1, 5 do
        local p = bodies[i]
        for j = i + 1, 5 do
            local q = bodies[j]
            local dx, dy, dz = p.x - q.x, p.y - q.y, p.z - q.z
            local d2 = dx * dx + dy * dy + dz * dz
            local mag = dt / (d2 * sqrt(d2))
            p.vx = p.vx - dx * q.m * mag
            p.vy = p.vy - dy * q.m * mag
            p.vz = p.vz - dz * q.m * mag
            q.vx = q.vx + dx * p.m * mag
            q.vy = q.vy + dy * p.m * mag
            q.vz = q.vz + dz * p.m * mag
        end
    end
    for i = 1, 5 do
        local p = bodies[i]
        p.x = p.x + dt * p.vx
        p.y = p.y + dt * p.vy
        p.z = p.z + dt * p.vz
    end
end

local function energy()
    local e = 0.0
    for i = 1, 5 do
        local p = bodies[i]
        e = e + 0.5 * p.m * (p.vx * p.vx + p.vy * p.vy + p.vz * p.vz)
        for j = i + 1, 5 do
            local q = bodies[j]
            local dx, dy, dz = p.x - q.x, p.y - q.y, p.z - q.z
            e = e - p.m * q.m / sqrt(dx * dx + dy * dy + dz * dz)
        end
    end
    return e
end

for _ = 1, n do advance(0.001) end
-- The energy is negative, so this goes towards zero.
print(string.format("%.0f", math.ceil(energy() * 1e9)))
