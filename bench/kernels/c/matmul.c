/* Inner products: matrices of decimals, n times. */
#include "kernel.h"

enum { S = 300 };

static double a[S][S], b[S][S], c[S][S];

int64_t kernel(int32_t n) {
    for (int32_t i = 0; i < S; i++) {
        for (int32_t j = 0; j < S; j++) {
            a[i][j] = ((i * 3 + j * 7) % 16 - 8) * 0.125;
            b[i][j] = ((i * 5 + j * 11) % 16 - 8) * 0.125;
        }
    }
    double sum = 0.0;
    for (int32_t r = 0; r < n; r++) {
        for (int32_t i = 0; i < S; i++) {
            for (int32_t j = 0; j < S; j++) {
                double t = 0.0;
                for (int32_t k = 0; k < S; k++) t += a[i][k] * b[k][j];
                c[i][j] = t;
            }
        }
        for (int32_t i = 0; i < S; i++) {
            sum += c[i][i];
            a[i][i] += 0.125;
        }
    }
    return (int64_t)(sum * 64.0);
}
