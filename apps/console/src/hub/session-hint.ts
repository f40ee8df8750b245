/**
 * Session hint: the time until which this browser is signed in, as far as it knows. It is no secret. It only avoids a
 * request that would fail. The session itself is a cookie that no script can read.
 */

const KEY = 'skerry-session-until'

/** Notes the end of the session that was begun. */
export const noteSession = (expiresAtMs: number): void => window.localStorage.setItem(KEY, String(expiresAtMs))

/** Notes that it is over. */
export const noteNoSession = (): void => window.localStorage.removeItem(KEY)

/** Whether a request has a chance to succeed. */
export const mayHaveSession = (): boolean => Number(window.localStorage.getItem(KEY) ?? 0) > Date.now()
