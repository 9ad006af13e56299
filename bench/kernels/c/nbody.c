/* Fields of structs, square roots and divisions: five bodies, n steps. */
#include "kernel.h"

enum { COUNT = 5 };

struct body {
    double x, y, z, vx, vy, vz, m;
};

static struct body bodies[COUNT] = {
    {.m = 1000.0},
    {.m = 1.0, .x = 10.0, .z = 0.5, .vy = 10.0},
    {.m = 2.0, .y = 20.0, .z = -1.0, .vx = -7.0, .vz = 0.5},
    {.m = 0.5, .x = -30.0, .z = 1.0, .vy = -5.75, .vz = 0.25},
    {.m = 0.25, .y = -40.0, .vx = 5.0, .vz = -0.5},
};

static void advance(double dt) {
    for (int32_t i = 0; i < COUNT; i++) {
        struct body *p = &bodies[i];
        for (int32_t j = i + 1; j < COUNT; j++) {
            struct body *q = &bodies[j];
            double dx = p->x - q->x, dy = p->y - q->y, dz = p->z - q->z;
            double d2 = dx * dx + dy * dy + dz * dz;
            double mag = dt / (d2 * __builtin_sqrt(d2));
            p->vx -= dx * q->m * mag;
            p->vy -= dy * q->m * mag;
            p->vz -= dz * q->m * mag;
            q->vx += dx * p->m * mag;
            q->vy += dy * p->m * mag;
            q->vz += dz * p->m * mag;
        }
    }
    for (int32_t i = 0; i < COUNT; i++) {
        struct body *p = &bodies[i];
        p->x += dt * p->vx;
        p->y += dt * p->vy;
        p->z += dt * p->vz;
    }
}

static double energy(void) {
    double e = 0.0;
    for (int32_t i = 0; i < COUNT; i++) {
        struct body *p = &bodies[i];
        e += 0.5 * p->m * (p->vx * p->vx + p->vy * p->vy + p->vz * p->vz);
        for (int32_t j = i + 1; j < COUNT; j++) {
            struct body *q = &bodies[j];
            double dx = p->x - q->x, dy = p->y - q->y, dz = p->z - q->z;
            e -= p->m * q->m / __builtin_sqrt(dx * dx + dy * dy + dz * dz);
        }
    }
    return e;
}

int64_t kernel(int32_t n) {
    for (int32_t i = 0; i < n; i++) advance(0.001);
    return (int64_t)(energy() * 1e9);
}
