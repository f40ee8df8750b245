import { expect, test } from 'vitest'
import { createEventClock } from '../simulation/event-clock.ts'
import { createLossyNetwork } from './lossy-network.ts'

/** Chance that is the same each time; [mulberry32]. */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

async function sendThousand(faults: Parameters<ReturnType<typeof createLossyNetwork>['behave']>[0], seed = 1) {
  const clock = createEventClock(0)
  const network = createLossyNetwork({ after: clock.after, random: chance(seed) })
  network.behave(faults)
  const arrived: number[] = []
  const lost: number[] = []
  for (let index = 0; index < 1_000; index++)
    network.send(
      'd',
      () => arrived.push(index),
      () => lost.push(index),
    )
  while (await clock.next());
  return { arrived, lost }
}

const inOrder = (list: readonly number[]) => list.toSorted((a, b) => a - b)

test('by itself it brings everything once, and not in order', async () => {
  const { arrived, lost } = await sendThousand({ lost: 0, doubled: 0, delayMs: [1, 20] })
  expect([new Set(arrived).size, arrived.length, lost]).toEqual([1_000, 1_000, []])
  expect(arrived).not.toEqual(inOrder(arrived))
})

test('as many are lost and doubled as it is told, each is one or the other, and the same chance does the same again', async () => {
  const faults = { lost: 0.2, doubled: 0.1, delayMs: [0, 50] as const }
  const { arrived, lost } = await sendThousand(faults)
  expect(new Set([...arrived, ...lost]).size).toBe(1_000)
  expect(arrived.filter((index) => lost.includes(index))).toEqual([])
  expect([lost.length > 150, lost.length < 250]).toEqual([true, true])
  const doubled = arrived.length - new Set(arrived).size
  expect([doubled > 50, doubled < 150]).toEqual([true, true])
  expect((await sendThousand(faults)).arrived).toEqual(arrived)
  expect((await sendThousand(faults, 2)).arrived).not.toEqual(arrived)
})

test('what is under way to a device that is cut off is lost, and others hear theirs', async () => {
  const clock = createEventClock(0)
  const network = createLossyNetwork({ after: clock.after, random: chance(1) })
  const heard: string[] = []
  const send = (device: string, text: string) =>
    network.send(
      device,
      () => heard.push(text),
      () => heard.push(`${text} lost`),
    )
  send('a', 'under way')
  send('b', 'elsewhere')
  network.cut('a')
  send('a', 'while cut')
  expect(network.isCut('a')).toBe(true)
  while (await clock.next());
  expect(heard.toSorted()).toEqual(['elsewhere', 'under way lost', 'while cut lost'])
  network.heal('a')
  send('a', 'healed')
  while (await clock.next());
  expect(heard.at(-1)).toBe('healed')
})

test('what is sent over a line that has fallen silent is gone, and nobody is told; a new line works', async () => {
  const clock = createEventClock(0)
  const network = createLossyNetwork({ after: clock.after, random: chance(1) })
  const heard: string[] = []
  const say = (line: ReturnType<typeof network.line>, text: string) =>
    line.send(
      () => heard.push(text),
      () => heard.push(`${text} lost`),
    )
  const old = network.line('a')
  const others = network.line('b')
  say(old, 'under way')
  say(others, 'elsewhere')
  network.silence('a')
  network.cut('a')
  say(old, 'afterwards')
  while (await clock.next());
  expect([heard, old.isSilent(), others.isSilent()]).toEqual([['elsewhere'], true, false])
  network.heal('a')
  say(network.line('a'), 'anew')
  while (await clock.next());
  expect(heard).toEqual(['elsewhere', 'anew'])
})
