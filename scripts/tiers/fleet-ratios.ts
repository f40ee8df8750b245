/** Fleet ratios: what a fleet of 1,000 devices costs a hub against a bare server in the same run, and against what was recorded. */
import * as z from 'zod'

/** The fields that we read of `bench fleet --json`. */
const Figures = z.object({
  connectCpuMsPerDevice: z.number().positive(),
  baselineCpuMsPerDevice: z.number().positive(),
  rolloutCpuMsPerDevice: z.number().positive(),
  kbPerDevice: z.number().positive(),
  errors: z.number(),
  lost: z.number(),
})

export const FleetRatios = z.strictObject({
  /** Processor time of a connection, as a multiple of that of a bare TLS and WebSocket server. */
  connectToBare: z.number().positive(),
  /** Processor time of one rollout for a device, as a multiple of a bare connection. */
  rolloutToBare: z.number().positive(),
  kbPerDevice: z.number().positive(),
})
export type FleetRatios = z.infer<typeof FleetRatios>

/** Two runs on the same machine differ by less. */
const WORSE_MAX = 1.1

/** Throws if the benchmark printed anything else. */
export function ratiosOf(printed: string): FleetRatios & { faults: number } {
  const figures = Figures.parse(JSON.parse(printed.trim().split('\n').at(-1) ?? ''))
  const bare = figures.baselineCpuMsPerDevice
  return {
    connectToBare: figures.connectCpuMsPerDevice / bare,
    rolloutToBare: figures.rolloutCpuMsPerDevice / bare,
    kbPerDevice: figures.kbPerDevice,
    faults: figures.errors + figures.lost,
  }
}

/** A line for each ratio that is more than a tenth worse than recorded, and for faults; empty if the fleet costs what it did. */
export function regressions(measured: ReturnType<typeof ratiosOf>, recorded: FleetRatios): string[] {
  const names = ['connectToBare', 'rolloutToBare', 'kbPerDevice'] as const
  const worse = names
    .filter((name) => measured[name] > recorded[name] * WORSE_MAX)
    .map((name) => `${name} is ${measured[name].toFixed(2)}, recorded ${recorded[name].toFixed(2)}`)
  return measured.faults === 0 ? worse : [...worse, `${measured.faults} requests or devices were lost`]
}
