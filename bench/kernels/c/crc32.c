/* Byte loads, a look-up, xor and shift: the checksum of a mebibyte, n times. */
#include "kernel.h"

enum { SIZE = 1048576 };

static uint8_t buffer[SIZE];
static uint32_t table[256];

int64_t kernel(int32_t n) {
    uint32_t x = 1;
    for (int32_t i = 0; i < SIZE; i++) buffer[i] = (uint8_t)((x = next(x)) >> 24);
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int32_t k = 0; k < 8; k++) c = c & 1 ? c >> 1 ^ 0xEDB88320u : c >> 1;
        table[i] = c;
    }
    uint32_t crc = 0xFFFFFFFFu;
    for (int32_t r = 0; r < n; r++) {
        for (int32_t i = 0; i < SIZE; i++) crc = table[(crc ^ buffer[i]) & 255] ^ crc >> 8;
    }
    return crc ^ 0xFFFFFFFFu;
}
