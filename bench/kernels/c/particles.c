/* An array of structs with fields of several types, and branches: a thousand particles in a box, n steps. */
#include "kernel.h"

enum { COUNT = 1000 };

static struct {
    double x, y, z, vx, vy, vz;
    int32_t hits, kind;
} ps[COUNT];

static uint32_t s = 5;

static double unit(void) { return ((s = next(s)) >> 16) / 65536.0; }

int64_t kernel(int32_t n) {
    for (int32_t i = 0; i < COUNT; i++) {
        ps[i].x = unit();
        ps[i].y = unit();
        ps[i].z = unit();
        ps[i].vx = unit() - 0.5;
        ps[i].vy = unit() - 0.5;
        ps[i].vz = unit() - 0.5;
        ps[i].hits = 0;
        ps[i].kind = i % 3;
    }
    double dt = 0.01;
    for (int32_t r = 0; r < n; r++) {
        for (int32_t i = 0; i < COUNT; i++) {
            if (ps[i].kind == 0) ps[i].vy -= 0.5 * dt;
            else if (ps[i].kind == 1) ps[i].vy += 0.25 * dt;
            ps[i].x += ps[i].vx * dt;
            ps[i].y += ps[i].vy * dt;
            ps[i].z += ps[i].vz * dt;
            if (ps[i].x < 0.0) {
                ps[i].x = -ps[i].x;
                ps[i].vx = -ps[i].vx;
                ps[i].hits++;
            } else if (ps[i].x > 1.0) {
                ps[i].x = 2.0 - ps[i].x;
                ps[i].vx = -ps[i].vx;
                ps[i].hits++;
            }
            if (ps[i].y < 0.0) {
                ps[i].y = -ps[i].y;
                ps[i].vy = -ps[i].vy;
                ps[i].hits++;
            } else if (ps[i].y > 1.0) {
                ps[i].y = 2.0 - ps[i].y;
                ps[i].vy = -ps[i].vy;
                ps[i].hits++;
            }
            if (ps[i].z < 0.0) {
                ps[i].z = -ps[i].z;
                ps[i].vz = -ps[i].vz;
                ps[i].hits++;
            } else if (ps[i].z > 1.0) {
                ps[i].z = 2.0 - ps[i].z;
                ps[i].vz = -ps[i].vz;
                ps[i].hits++;
            }
        }
    }
    int64_t hits = 0;
    double total = 0.0;
    for (int32_t i = 0; i < COUNT; i++) {
        hits += ps[i].hits;
        total += ps[i].x + ps[i].y + ps[i].z;
    }
    return hits * 10000 + (int64_t)total;
}
