/** Session life: the time for which a browser stays signed in. */

/**
 * A working day: a person signs in once in the morning, and a browser that was left open is signed out by the next day.
 */
export const SESSION_LIFE_MS = 12 * 60 * 60 * 1_000
