/** The fetch of labels by their numbers, against a hub that answers page by page. */
import { Readable } from 'node:stream'
import type { DeviceLabel } from '@skerry/contract/captures/device-labels'
import { until } from '@skerry/testkit/until'
import { expect, test } from 'vitest'
import { openLabelFetch } from './label-fetch.ts'

const PAGE = 2

const labelOf = (sequence: number): DeviceLabel => ({
  sequence,
  model: 'm',
  request: `r${sequence}`,
  // All have the same time: the number decides.
  atMs: 1_000,
  label: 'ok',
})

function openFetch(hub: { labels: DeviceLabel[]; statuses?: number[] }) {
  const asked: string[] = []
  const kept: number[] = []
  const warned: string[] = []
  let ends = 0
  let failsOnce = false
  const fetch = openLabelFetch({
    async send({ path }) {
      asked.push(path)
      const status = hub.statuses?.shift() ?? 200
      const after = Number(path.split('after=')[1])
      const rest = hub.labels.filter(({ sequence }) => sequence > after)
      const page = { labels: rest.slice(0, PAGE), isCut: rest.length > PAGE }
      const body = status === 200 ? page : { code: 'route_unknown', message: 'no such route' }
      return { ok: true, status, headers: {}, stream: Readable.from([JSON.stringify(body)]) as never }
    },
    clock: { sleep: () => Promise.resolve() },
    random: () => 0,
    log: { info() {}, warn: (event) => void warned.push(event) },
    keep(labels) {
      if (failsOnce) {
        failsOnce = false
        throw new Error('the disk is full')
      }
      kept.push(...labels.map(({ sequence }) => sequence))
    },
    onEnd: () => {
      ends += 1
    },
  })
  const follow = async (last: number) => {
    const before = ends
    fetch.follow(last)
    await until(() => ends > before)
  }
  return { fetch, follow, asked, kept, warned, failNext: () => (failsOnce = true) }
}

test('pages follow one another by the number of the last label, and a known number asks nothing', async () => {
  const it = openFetch({ labels: [1, 2, 5, 6, 9].map(labelOf) })
  await it.follow(9)
  expect(it.kept).toEqual([1, 2, 5, 6, 9])
  expect(it.asked.map((path) => path.split('?')[1])).toEqual(['after=0', 'after=2', 'after=6'])
  it.fetch.follow(9)
  expect(it.asked).toHaveLength(3)
  expect(it.fetch.newest()).toBe(9)
  await it.fetch[Symbol.asyncDispose]()
})

test('a new label comes alone, and a smaller number of the hub brings all labels again', async () => {
  const hub = { labels: [1, 2].map(labelOf) }
  const it = openFetch(hub)
  await it.follow(2)
  hub.labels.push(labelOf(3))
  await it.follow(3)
  expect(it.kept).toEqual([1, 2, 3])
  // The hub was restored from a backup, and gave the number 2 again.
  hub.labels = [labelOf(1), { ...labelOf(2), request: 'other' }]
  await it.follow(2)
  expect(it.kept).toEqual([1, 2, 3, 1, 2])
  expect(it.fetch.newest()).toBe(2)
  await it.fetch[Symbol.asyncDispose]()
})

test('a busy hub is asked again, and a hub without the route is not', async () => {
  const it = openFetch({ labels: [labelOf(1)], statuses: [503, 429, 200, 404] })
  await it.follow(1)
  expect([it.kept, it.asked.length]).toEqual([[1], 3])
  await it.follow(2)
  expect([it.asked.length, it.warned]).toEqual([4, ['capture_labels_rejected']])
  await it.fetch[Symbol.asyncDispose]()
})

test('labels that could not be stored are fetched again', async () => {
  const it = openFetch({ labels: [1, 2].map(labelOf) })
  it.failNext()
  await it.follow(2)
  expect([it.fetch.newest(), it.warned]).toEqual([0, ['capture_labels_failed']])
  await it.follow(2)
  expect([it.fetch.newest(), it.kept]).toEqual([2, [1, 2]])
  await it.fetch[Symbol.asyncDispose]()
})

test('a label that was erased meanwhile does not keep the fetch waiting', async () => {
  const it = openFetch({ labels: [labelOf(1)] })
  await it.follow(4)
  expect([it.fetch.newest(), it.asked.length]).toEqual([1, 1])
  await it.fetch[Symbol.asyncDispose]()
})
