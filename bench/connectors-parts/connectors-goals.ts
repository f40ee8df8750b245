/** connectors-goals: what `connectors` is to show, and what another gateway says of itself. */
import type { Protocol } from './connectors-sources.ts'

const SHARED = { overheadShare: 0.25, writeP99Ms: 50, reconnectMs: 2_000 }

/** Percent of one core, megabytes of the whole process. */
export const GOALS: Readonly<Record<Protocol, object>> = {
  modbus: { cpuPercent: 15, rssMb: 250, ...SHARED },
  opcua: { cpuPercent: 30, ...SHARED },
  s7: { cpuPercent: 15, ...SHARED },
}

/** NeuronEX 3.2.1, in EMQ's documentation: the whole product, 100,000 float tags a second; a write is one of 100 tags. It does not say what its percentage is of. */
export const NEURON: Readonly<Record<Protocol, object>> = {
  modbus: { cpuPercent: 30, rssMb: 497, writeMs: 523, machine: '4 cores of a Xeon 8269CY' },
  opcua: { cpuPercent: 60, rssMb: 594, writeMs: 12, machine: '4 cores of a Xeon 8269CY' },
  s7: { cpuPercent: 57, rssMb: 512, writeMs: 30, machine: '4 cores of a Xeon 8269CY' },
}
