-- Branches that depend on the data, and recursion: a million ints, n times.

local SIZE = 1000000
local n = tonumber(arg[1])

local a = {}

local function sort(lo, hi)
    local i, j, pivot = lo, hi, a[lo + math.floor((hi - lo) / 2)]
    while i <= j do
        while a[i] < pivot do i = i + 1 end
        while a[j] > pivot do j = j - 1 end
        if i <= j then
            a[i], a[j] = a[j], a[i]
            i = i + 1
            j = j - 1
        end
    end
    if lo < j then sort(lo, j) end
    if i < hi then sort(i, hi) end
end

local x, sum = 7, 0
for _ = 1, n do
    for i = 0, SIZE - 1 do
        x = (x * 1664525 + 1013904223) % 4294967296
        a[i] = math.floor(x / 2)
    end
    sort(0, SIZE - 1)
    for i = 1, SIZE - 1 do
        if a[i - 1] > a[i] then sum = sum + 1 end
    end
    for i = 0, SIZE - 1, 97 do sum = (sum * 31 + a[i]) % 1000003 end
end
print(sum)
