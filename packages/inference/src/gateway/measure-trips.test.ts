import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { RouteTable } from '@skerry/contract/routes/route'
import { systemClock } from '@skerry/platform/process/clock'
import { until } from '@skerry/testkit/until'
import { afterEach, expect, test } from 'vitest'
import { measureTrips } from './measure-trips.ts'
import { openPlaceClient } from './place-client.ts'
import { createRouting } from './routing.ts'

const open: (() => void | Promise<void>)[] = []

afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

type Place = { address: string; asked: string[] }

/** A place whose answers need so long on their way. */
async function place(delayMs: number, answer: RequestListener = (_, response) => response.end()): Promise<Place> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    setTimeout(() => answer(request, response), delayMs)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  open.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

const LETTERS = 'abcdefgh'

const placesOf = (sites: readonly (readonly [site: string, address: string | undefined])[]) =>
  sites.map(([site, address], at) => ({
    id: `dev_aaaaaaa${LETTERS[at]}`,
    device: `press-${at}`,
    site,
    version: 1,
    ...(address !== undefined && { address }),
    isSilent: false,
  }))

type Route = { name: string; prefer: string; places: ReturnType<typeof placesOf> }

/** Measures without the pauses between two rounds. */
function measured(routes: readonly Route[]) {
  const routing = createRouting({ clock: systemClock, site: 'lyon' })
  const rows = routes.map(({ name, prefer, places }) => ({ name, spec: { model: 'dose', prefer }, places }))
  routing.use(RouteTable.parse({ organisationId: 'org_abcdefgh234567', revision: '1', routes: rows }))
  const client = openPlaceClient(() => Promise.reject(new Error('no streams here')))
  const ended = new AbortController()
  const clock = { ...systemClock, sleep: (_ms: number, signal: AbortSignal) => systemClock.sleep(1, signal) }
  const measuring = measureTrips({ routing, client, clock }, ended.signal)
  const end = async () => {
    ended.abort()
    await measuring
  }
  open.push(async () => {
    await end()
    client[Symbol.dispose]()
  })
  const chosen = (name: string) => {
    const choice = routing.find(name)?.choose({ draw: 0.99, tried: new Set(), version: undefined })
    return choice?.ok ? choice.place.device : undefined
  }
  return { chosen, end }
}

test('a route that prefers near places uses the one with the shortest round trip, whatever its place in the table', async () => {
  const far = await place(600)
  const near = await place(0)
  const broken = await place(0, (_, response) => response.destroy())
  const places = placesOf([
    ['paris', far.address],
    ['rome', broken.address],
    ['bonn', near.address],
    // It is reached by a stream through the hub, which is never measured.
    ['oslo', undefined],
  ])
  const { chosen } = measured([{ name: 'dose', prefer: 'local', places }])
  await until(() => chosen('dose') === 'press-2')
  expect(new Set([...far.asked, ...near.asked, ...broken.asked])).toEqual(new Set(['GET /v2/health/live']))
})

test('places of other routes, and the only place of a route, are not asked, and the end of the gateway ends it', async () => {
  const near = await place(0)
  const far = await place(0)
  const other = await place(0)
  const only = await place(0)
  const { end } = measured([
    {
      name: 'dose',
      prefer: 'local',
      places: placesOf([
        ['bonn', near.address],
        ['rome', far.address],
      ]),
    },
    {
      name: 'least',
      prefer: 'least',
      places: placesOf([
        ['bonn', other.address],
        ['rome', other.address],
      ]),
    },
    { name: 'single', prefer: 'local', places: placesOf([['bonn', only.address]]) },
  ])
  await until(() => near.asked.length > 5 && far.asked.length > 5)
  await end()
  const count = near.asked.length
  expect(other.asked).toEqual([])
  expect(only.asked).toEqual([])
  expect(near.asked).toHaveLength(count)
})
