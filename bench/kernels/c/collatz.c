/* Arithmetic on longs and branches that nobody foresees: the longest way down to 1 from any start below n. */
#include "kernel.h"

int64_t kernel(int32_t n) {
    int64_t best = 0, best_at = 0, sum = 0;
    for (int64_t start = 1; start < n; start++) {
        int64_t x = start, count = 1;
        while (x != 1) {
            x = x % 2 == 0 ? x / 2 : 3 * x + 1;
            count++;
        }
        sum += count;
        if (count > best) {
            best = count;
            best_at = start;
        }
    }
    return sum + best * best_at;
}
