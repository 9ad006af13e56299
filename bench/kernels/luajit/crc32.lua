-- Loads, a look-up, xor and shift: the checksum of a mebibyte, n times. LuaJIT has functions where Lua has operators.

local band, bxor, rshift = bit.band, bit.bxor, bit.rshift
local SIZE = 1048576
local n = tonumber(arg[1])

local buffer, table = {}, {}
local x = 1
for i = 0, SIZE - 1 do
    x = (x * 1664525 + 1013904223) % 4294967296
    buffer[i] = rshift(x, 24)
end
for i = 0, 255 do
    local c = i
    for _ = 1, 8 do
        if band(c, 1) ~= 0 then c = bxor(rshift(c, 1), 0xEDB88320) else c = rshift(c, 1) end
    end
    table[i] = c
end
local crc = bit.tobit(0xFFFFFFFF)
for _ = 1, n do
    for i = 0, SIZE - 1 do
        crc = bxor(table[band(bxor(crc, buffer[i]), 255)], rshift(crc, 8))
    end
end
print(bit.bnot(crc) % 4294967296)
