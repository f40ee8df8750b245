import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { AccessSessionId } from '@skerry/contract/values/ids'
import { systemClock } from '@skerry/platform/process/clock'
import { until } from '@skerry/testkit/until'
import { expect, test } from 'vitest'
import { processesBelow, watchCommands } from './command-watch.ts'

const session = AccessSessionId.parse('acs_abcdefgh234567')

type Entry = { commands: string[]; source: string; omitted?: number }

/** A shell whose commands are watched into a journal with this room. */
async function watched(script: string, room: number) {
  const shell = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'] })
  await once(shell, 'spawn')
  const entries: Entry[] = []
  const over = new AbortController()
  const journal = {
    hasRoom: () => entries.length < room,
    note: (_action: string, detail?: object) => void entries.push(detail as Entry),
  }
  const run = watchCommands(shell.pid ?? 0, { session, journal, clock: systemClock }, over.signal)
  const end = async () => {
    over.abort()
    await run
    shell.kill('SIGKILL')
    shell.stdin.destroy()
  }
  return {
    shell,
    entries,
    end,
    commands: () => [...processesBelow(shell.pid ?? 0).values()].map((each) => each.command),
  }
}

test('a program that a script starts without output is in the journal, once, with its arguments and its source', async () => {
  const { entries, end, commands } = await watched('(sleep 77.5 >/dev/null 2>&1); true', 10)
  await until(() => commands().some((command) => command === 'sleep 77.5'))
  await until(() => entries.length > 0)
  await end()
  expect(entries.flatMap((each) => each.commands).filter((command) => command === 'sleep 77.5')).toHaveLength(1)
  expect(entries[0]).toMatchObject({ session, source: 'process list' })
})

test('a flood of programs waits for room in the journal, and the rest is counted', async () => {
  const script = 'i=0; while [ $i -lt 250 ]; do sleep 1000.$i & i=$((i+1)); done; wait'
  const { entries, end, commands } = await watched(script, 100)
  await until(() => commands().length >= 250)
  await until(() => entries.some(({ omitted }) => omitted !== undefined))
  await end()
  for (const entry of entries) expect(JSON.stringify(entry).length).toBeLessThan(2_000)
  const noted = entries.flatMap((each) => each.commands).length
  expect(noted + entries.reduce((sum, { omitted = 0 }) => sum + omitted, 0)).toBeGreaterThanOrEqual(250)
})
