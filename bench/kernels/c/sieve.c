/* Byte stores and strided loops: the primes below five million, n times. */
#include "kernel.h"

enum { SIZE = 5000000 };

static uint8_t flags[SIZE];

int64_t kernel(int32_t n) {
    int64_t sum = 0;
    for (int32_t r = 1; r <= n; r++) {
        for (int32_t i = 0; i < SIZE; i++) flags[i] = 1;
        int32_t count = 0;
        for (int32_t i = 2; i < SIZE; i++) {
            if (flags[i] == 0) continue;
            count++;
            if (i > 2236) continue;
            for (int32_t j = i * i; j < SIZE; j += i) flags[j] = 0;
        }
        sum += (int64_t)count * r;
    }
    return sum;
}
