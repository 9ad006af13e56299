-- Inner products: matrices of decimals, n times.

local S = 300
local n = tonumber(arg[1])

local a, b, c = {}, {}, {}
for i = 0, S - 1 do
    for j = 0, S - 1 do
        a[i * S + j] = ((i * 3 + j * 7) % 16 - 8) * 0.125
        b[i * S + j] = ((i * 5 + j * 11) % 16 - 8) * 0.125
    end
end
local sum = 0.0
for _ = 1, n do
    for i = 0, S - 1 do
        for j = 0, S - 1 do
            local t = 0.0
            for k = 0, S - 1 do t = t + a[i * S + k] * b[k * S + j] end
            c[i * S + j] = t
        end
    end
    for i = 0, S - 1 do
        sum = sum + c[i * S + i]
        a[i * S + i] = a[i * S + i] + 0.125
    end
end
print(string.format("%.0f", math.floor(sum * 64.0)))
