/**
 * fleet, the people: fetches lists and the rollout, as a console does, during all other work; and measures the times of
 * the answers.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { HubProgram } from '../../examples/stage/fleet.ts'
import type { Rollout } from './fleet-phases.ts'

/** A console that somebody watches sends requests as often, with all its tiles. */
const EVERY_MS = 100

export type ApiWatch = {
  follow(rollout: Rollout['rollout']): void
  stop(): Promise<{ count: number; p50Ms: number; p99Ms: number; errors: number }>
}

export function watchApi({ hub: { client } }: { hub: HubProgram }): ApiWatch {
  const samples: number[] = []
  let isOver = false
  let errors = 0
  let rollout: Rollout['rollout'] | undefined
  const questions = [
    () => client.device.list({ limit: 100 }),
    () => client.rollout.list({ limit: 20 }),
    () => (rollout ? client.rollout.get({ rollout }) : client.hub.status({})),
  ]
  const work = async () => {
    for (let turn = 0; !isOver; turn++) {
      const startedMs = performance.now()
      await questions[turn % questions.length]?.().catch(() => {
        errors += 1
      })
      samples.push(performance.now() - startedMs)
      await sleep(EVERY_MS)
    }
  }
  const working = work()
  return {
    follow(next) {
      rollout = next
    },
    async stop() {
      isOver = true
      await working
      const sorted = samples.toSorted((one, other) => one - other)
      const at = (part: number) => Math.round((sorted[Math.ceil(sorted.length * part) - 1] ?? 0) * 10) / 10
      return { count: samples.length, p50Ms: at(0.5), p99Ms: at(0.99), errors }
    },
  }
}
