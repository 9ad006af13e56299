-- Stores and strided loops: the primes below five million, n times.

local SIZE = 5000000
local n = tonumber(arg[1])

local flags = {}
local sum = 0
for r = 1, n do
    for i = 0, SIZE - 1 do flags[i] = 1 end
    local count = 0
    for i = 2, SIZE - 1 do
        if flags[i] ~= 0 then
            count = count + 1
            if i <= 2236 then
                for j = i * i, SIZE - 1, i do flags[j] = 0 end
            end
        end
    end
    sum = sum + count * r
end
print(sum)
