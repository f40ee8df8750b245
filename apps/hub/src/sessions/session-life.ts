/** Session life: how long a browser stays signed in. */

/** A working day: whoever sits down in the morning signs in once, and a browser that was left open is signed out by the next. */
export const SESSION_LIFE_MS = 12 * 60 * 60 * 1_000
