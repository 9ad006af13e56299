/* Calls: the number of the recursion, counted the long way. */
#include "kernel.h"

static int32_t fib(int32_t k) {
    if (k < 2) return k;
    return fib(k - 1) + fib(k - 2);
}

int64_t kernel(int32_t n) { return fib(n); }
