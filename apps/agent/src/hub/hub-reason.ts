/** Hub reason: the code and the words in the body of an answer that refuses, where they are the hub's and not some proxy's. */

/** [contract, Cause.code] Anything else could not be reported. */
const CODE = /^[a-z][a-z0-9_]{2,63}$/

/** The hub's own code and words, where it gave them. */
export function reasonIn(body: unknown): { code?: string; message?: string } {
  if (typeof body !== 'object' || body === null) return {}
  const code = 'code' in body && typeof body.code === 'string' && CODE.test(body.code) ? { code: body.code } : {}
  const message = 'message' in body && typeof body.message === 'string' ? { message: body.message } : {}
  return { ...code, ...message }
}
