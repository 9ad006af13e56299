/* What the ports to C share: each defines `kernel`, and is a program that prints what it gives for its first argument.
   As WebAssembly there is neither a library nor a `main`: the host calls `kernel`. */
#include <stdint.h>

int64_t kernel(int32_t n);

#ifndef __wasm__
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

int main(int count, char **words) {
    if (count != 2) return 2;
    printf("%" PRId64 "\n", kernel(atoi(words[1])));
    return 0;
}
#endif

/* The one generator of numbers that the kernels use. */
static inline uint32_t next(uint32_t x) { return x * 1664525u + 1013904223u; }
