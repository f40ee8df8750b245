/**
 * Patience: how long a test waits for a state before it fails. It costs a passing test nothing, and a failing one only
 * time. So it lies well above the longest interval of the product (a report of a device every 60 to 75 s) on a busy
 * machine.
 */
export const PATIENCE_MS = 150_000
