/* Branches that depend on the data, and recursion: a million ints, n times. */
#include "kernel.h"

enum { SIZE = 1000000 };

static int32_t a[SIZE];

static void sort(int32_t lo, int32_t hi) {
    int32_t i = lo, j = hi, pivot = a[lo + (hi - lo) / 2];
    while (i <= j) {
        while (a[i] < pivot) i++;
        while (a[j] > pivot) j--;
        if (i <= j) {
            int32_t t = a[i];
            a[i++] = a[j];
            a[j--] = t;
        }
    }
    if (lo < j) sort(lo, j);
    if (i < hi) sort(i, hi);
}

int64_t kernel(int32_t n) {
    uint32_t x = 7;
    int64_t sum = 0;
    for (int32_t r = 0; r < n; r++) {
        for (int32_t i = 0; i < SIZE; i++) a[i] = (int32_t)((x = next(x)) >> 1);
        sort(0, SIZE - 1);
        for (int32_t i = 1; i < SIZE; i++) {
            if (a[i - 1] > a[i]) sum++;
        }
        for (int32_t i = 0; i < SIZE; i += 97) sum = (sum * 31 + a[i]) % 1000003;
    }
    return sum;
}
