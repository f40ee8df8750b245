/**
 * Session hint: until when this browser is signed in, as far as it knows. No secret: it only spares a question whose answer would be no.
 * The session itself is a cookie that no script can read.
 */

const KEY = 'skerry-session-until'

/** Notes the end of the session that was begun. */
export const noteSession = (expiresAtMs: number): void => window.localStorage.setItem(KEY, String(expiresAtMs))

/** Notes that it is over. */
export const noteNoSession = (): void => window.localStorage.removeItem(KEY)

/** Whether asking is worth it. */
export const mayHaveSession = (): boolean => Number(window.localStorage.getItem(KEY) ?? 0) > Date.now()
