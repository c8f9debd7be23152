package parity;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Size;

record Order(@Size(min = 1, max = 10) String item, @Min(1) @Max(100) int count) {
}
