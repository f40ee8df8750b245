/** A thread of a flow that is busy loading for longer than it may be silent afterwards. */
import { parentPort } from 'node:worker_threads'

const untilMs = performance.now() + 2_000
while (performance.now() < untilMs);
const speak = () => parentPort.postMessage({ kind: 'figures', parts: [], reachedMs: 0 })
setInterval(speak, 20)
speak()
