/**
 * Until lost: waits for work as long as what it needs is there. `Promise.race` with a promise that lives for days keeps each work that it ever was raced
 * with, some 300 bytes and the result; here who waits no longer is forgotten.
 */
type Lost = { rejects: Set<(reason: unknown) => void>; over?: { reason: unknown } }

const losses = new WeakMap<Promise<never>, Lost>()

/** Gives what the work gives, or rejects as `lost` does, whichever is first. */
export async function untilLost<T>(work: Promise<T>, lost: Promise<never>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const loss = lossOf(lost)
  loss.rejects.add(reject)
  if (loss.over) reject(loss.over.reason)
  try {
    return await Promise.race([work, promise])
  } finally {
    loss.rejects.delete(reject)
  }
}

function lossOf(lost: Promise<never>): Lost {
  const known = losses.get(lost)
  if (known) return known
  const loss: Lost = { rejects: new Set() }
  losses.set(lost, loss)
  lost.catch((reason: unknown) => {
    loss.over = { reason }
    for (const reject of loss.rejects) reject(reason)
  })
  return loss
}
