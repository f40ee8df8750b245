/** The server under test, in a process of its own as an agent's runner is. Says its ports, and ends with its parent. */
import { startGrpcServer } from '@skerry/inference/grpc/grpc-server'
import { createModelHost } from '@skerry/inference/host/model-host'
import { startRestServer } from '@skerry/inference/rest/rest-server'
import { BENCH_MODELS } from './serve-model.ts'

const settings = {
  instances: 1,
  threads: 1,
  spin: false,
  queueMax: 256,
  deadlineMs: 60_000,
  maxBatch: 1,
  maxDelayMs: 0,
  warmUpRuns: 1,
  isolation: 'shared' as const,
  onCrash: 'isolate' as const,
}

const host = createModelHost({ clock: { nowMs: () => Date.now() } })
for (const { name, path } of BENCH_MODELS) {
  const loaded = await host.load({ slot: name, modelPath: path, settings, signal: new AbortController().signal })
  if (!loaded.ok) throw new Error(`loading ${path}: ${loaded.message}`)
  host.activate({ name, version: '1', slot: name })
}
const identity = { name: 'skerry', version: 'bench' }
const rest = await startRestServer({ host, identity, port: 0 })
const grpc = await startGrpcServer({ host, identity, port: 0 })
process.once('disconnect', () => process.exit())
process.send?.({ restPort: rest.port, grpcPort: grpc.port })
