import { law, rounds } from '@skerry/testkit/tier'
import { expect, test } from 'vitest'
import { liveThrough } from './system/history.ts'

/** SYSTEM_SEED=123 repeats one history and prints its events; SYSTEM_HISTORIES=5000 runs so many. */
const { SYSTEM_SEED, SYSTEM_HISTORIES = rounds({ quick: 60, deep: 2_000 }) } = process.env
const first = SYSTEM_SEED === undefined ? Math.floor(Math.random() * 1e9) : Number(SYSTEM_SEED)
const histories = SYSTEM_SEED === undefined ? Number(SYSTEM_HISTORIES) : 1

test(`the laws hold and all comes to rest, for any faults (${histories} histories from seed ${first})`, {
  ...law,
  timeout: 3_600_000,
}, async () => {
  for (let seed = first; seed < first + histories; seed++) {
    const { broken, trace, simulatedMs } = await liveThrough(seed)
    if (SYSTEM_SEED !== undefined) process.stdout.write(`${trace.join('\n')}\nseed ${seed}: ${simulatedMs} ms\n`)
    expect(broken, `SYSTEM_SEED=${seed}\n${trace.slice(-30).join('\n')}`).toEqual([])
  }
})
