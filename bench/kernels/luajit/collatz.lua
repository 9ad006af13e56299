-- Arithmetic and branches that nobody foresees: the longest way down to 1 from any start below n. LuaJIT has no `//`.

local n = tonumber(arg[1])

local best, best_at, sum = 0, 0, 0
for start = 1, n - 1 do
    local x, count = start, 1
    while x ~= 1 do
        if x % 2 == 0 then x = x / 2 else x = 3 * x + 1 end
        count = count + 1
    end
    sum = sum + count
    if count > best then
        best = count
        best_at = start
    end
end
print(sum + best * best_at)
