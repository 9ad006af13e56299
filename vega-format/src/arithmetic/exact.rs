//! What the standard library has of these and `core` has not. Each is exact, so the bits are the same.

/// Operations whose result is the number that is nearest to the true one.
pub(super) trait Exact {
    fn sqrt(self) -> Self;
    fn floor(self) -> Self;
    fn ceil(self) -> Self;
    fn trunc(self) -> Self;
    fn round(self) -> Self;
}

macro_rules! exact {
    ($type:ty, $sqrt:ident, $floor:ident, $ceil:ident, $trunc:ident, $round:ident) => {
        impl Exact for $type {
            fn sqrt(self) -> Self {
                libm::$sqrt(self)
            }

            fn floor(self) -> Self {
                libm::$floor(self)
            }

            fn ceil(self) -> Self {
                libm::$ceil(self)
            }

            fn trunc(self) -> Self {
                libm::$trunc(self)
            }

            fn round(self) -> Self {
                libm::$round(self)
            }
        }
    };
}

exact!(f32, sqrtf, floorf, ceilf, truncf, roundf);
exact!(f64, sqrt, floor, ceil, trunc, round);
