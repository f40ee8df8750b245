/** Writes under load: how long single writes take while everything else goes on. */
const WRITES = 200

/** No multiple of a round, so that they meet it everywhere. */
const PAUSE_MS = 23

/** Milliseconds of 200 writes, one after the other. */
export async function writesUnderLoad(write: (index: number) => unknown) {
  const latencies: number[] = []
  for (let index = 0; index < WRITES; index += 1) {
    const startMs = performance.now()
    await write(index)
    latencies.push(performance.now() - startMs)
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  const sorted = latencies.toSorted((a, b) => a - b)
  const quantile = (share: number) => Math.round((sorted[Math.floor(WRITES * share)] ?? 0) * 100) / 100
  return { writeP50Ms: quantile(0.5), writeP99Ms: quantile(0.99) }
}
