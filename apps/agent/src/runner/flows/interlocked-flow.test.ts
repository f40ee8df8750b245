/** A flow that writes a tag with an interlock, as both run in the runner: what is refused is counted, and told again until it is let through. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Flow } from '@skerry/contract/flows/flow'
import { startFlow } from '@skerry/flows/host/flow-host'
import type { TellOutcome } from '@skerry/flows/outlet'
import { digestOf } from '@skerry/platform/files/hash'
import { systemClock } from '@skerry/platform/process/clock'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createSourceBoard } from '../equipment/source-board.ts'
import { createSourceFleet } from '../equipment/source-fleet.ts'

const PRESS = {
  name: 'press',
  protocol: 'simulator',
  groups: [
    {
      name: 'all',
      everyMs: 50,
      tags: [
        { name: 'closed', signal: { kind: 'constant', value: false }, write: {} },
        {
          name: 'horn',
          signal: { kind: 'constant', value: false },
          write: { perMinute: 1, interlock: { when: 'tags["closed"]' } },
        },
      ],
    },
  ],
}

const FLOW = Flow.parse({
  name: 'alarm',
  inputs: [{ name: 'level', source: 'tank', tag: 'level' }],
  steps: [],
  sinks: [{ name: 'horn', kind: 'tag', from: 'level', source: 'press', tag: 'horn', as: 'bool' }],
})

test('what the interlock refuses is counted as bad, and is written with a later value once it lets it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-interlocked-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const text = JSON.stringify(PRESS)
  const path = join(folder, 'press.json')
  await writeFile(path, text)
  const board = createSourceBoard()
  await using fleet = createSourceFleet({ clock: systemClock, random: () => 0.01, board })
  await fleet.become({ sources: [{ name: 'press', path, digest: digestOf(text) }], secrets: {}, stateFolder: folder })
  await vi.waitFor(() => expect(fleet.statuses()).toMatchObject([{ state: 'up' }]), PATIENCE_MS)
  const said: TellOutcome[] = []
  await using host = startFlow(FLOW, {
    clock: systemClock,
    random: () => 0,
    factsOf: () => undefined,
    onState: () => undefined,
    infer: async () => ({ ok: true, tensors: [] }),
    send: async () => ({ ok: true }),
    async write(source, tag, value) {
      const outcome = (await fleet.write(source, { tag, value })) ?? { ok: true }
      said.push(outcome)
      return outcome
    },
  })
  let atMs = 1_000
  const feedUntil = (check: () => void) =>
    vi.waitFor(() => {
      atMs += 1
      host.feed([{ source: 'tank', tag: 'level', quality: 'good', value: 1, receivedTimeMs: atMs }])
      check()
    }, PATIENCE_MS)
  const horn = () => host.figures().parts.find(({ name }) => name === 'horn')
  await feedUntil(() => expect(said.length).toBeGreaterThan(2))
  expect(said.every((outcome) => !outcome.ok && outcome.code === 'tag_interlocked')).toBe(true)
  await feedUntil(() => expect(horn()?.bad).toBeGreaterThan(0))
  expect(await fleet.write('press', { tag: 'closed', value: true })).toEqual({ ok: true })
  await feedUntil(() => expect(said.at(-1)).toEqual({ ok: true }))
  await vi.waitFor(() => expect(board.newest('press', 'horn')).toMatchObject({ value: true }), PATIENCE_MS)
}, 200_000)
