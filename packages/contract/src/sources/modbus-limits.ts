/** Modbus limits: what one request may ask for and write. [Modbus Application Protocol V1.1b3] */

/** [6.1, 6.3] */
export const REGISTERS_MAX = 125
export const BITS_MAX = 2_000

/** [6.11, 6.12] */
export const REGISTERS_WRITTEN_MAX = 123
export const BITS_WRITTEN_MAX = 1_968
