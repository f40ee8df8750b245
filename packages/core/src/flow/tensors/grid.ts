/** Grid: multiples of a step of time since 1970, so that every device has the same. */

/** The first point after a time. */
export const gridAfter = (timeMs: number, everyMs: number): number => (Math.floor(timeMs / everyMs) + 1) * everyMs

/** The first point at or after a time. */
export const gridFrom = (timeMs: number, everyMs: number): number => Math.ceil(timeMs / everyMs) * everyMs
