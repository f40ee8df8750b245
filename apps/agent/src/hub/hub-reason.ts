/** Hub reason: the code and the message in the body of a rejection, if they are the hub's own, and not a proxy's. */

/** [contract, Cause.code] A report cannot carry any other form. */
const CODE = /^[a-z][a-z0-9_]{2,63}$/

/** The hub's own code and message, if it sent them. */
export function reasonIn(body: unknown): { code?: string; message?: string } {
  if (typeof body !== 'object' || body === null) return {}
  const code = 'code' in body && typeof body.code === 'string' && CODE.test(body.code) ? { code: body.code } : {}
  const message = 'message' in body && typeof body.message === 'string' ? { message: body.message } : {}
  return { ...code, ...message }
}
