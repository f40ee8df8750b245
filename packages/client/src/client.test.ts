import { ORPCError } from '@orpc/client'
import { expect, test } from 'vitest'
import { createClient } from './client.ts'
import { allRows } from './page.ts'
import { problemOf } from './problem.ts'

type Seen = { method: string; url: string; key: string | null; body: string }
type Meant = [ifMatch: string | null, ifNoneMatch: string | null]

/** A fetch that answers from a list, and notes its requests. */
function fakeFetch(...answers: (() => Response)[]) {
  const seen: Seen[] = []
  const meant: Meant[] = []
  const fetch = async (input: string | URL | Request, init?: RequestInit) => {
    const request = new Request(input, init)
    const { method, url, headers } = request
    seen.push({ method, url, key: headers.get('authorization'), body: await request.text() })
    meant.push([headers.get('if-match'), headers.get('if-none-match')])
    const answer = answers.shift()
    if (!answer) throw new Error(`nobody answers ${method} ${url}`)
    return answer()
  }
  return { seen, meant, fetch }
}

const json =
  (body: unknown, status = 200) =>
  () =>
    Response.json(body, { status })

test('a call sends its precondition as if-match or if-none-match', async () => {
  const { meant, fetch } = fakeFetch(json({}), json({}), json({}))
  const client = createClient({ hub: 'https://hub.example:8443', fetch })
  const wish = { name: 'ocr', alias: 'best', version: '2' }
  await client.model.setAlias(wish, { context: { ifMatch: '"ocr.best.1"' } })
  await client.model.setAlias(wish, { context: { ifNoneMatch: '*' } })
  await client.model.setAlias(wish)
  expect(meant).toEqual([
    ['"ocr.best.1"', null],
    [null, '*'],
    [null, null],
  ])
})

test('a call becomes the request of the contract, with the API key', async () => {
  const { seen, fetch } = fakeFetch(json({ rows: [] }), json({}))
  const client = createClient({ hub: 'https://hub.example:8443', key: 'sk_a', fetch })
  await client.device.list({ limit: 7, selector: 'true' })
  await client.device.revoke({ device: 'gateway-1', reason: 'stolen' })
  expect(seen).toEqual([
    { method: 'GET', url: 'https://hub.example:8443/v1/devices?limit=7&selector=true', key: 'Bearer sk_a', body: '' },
    {
      method: 'POST',
      url: 'https://hub.example:8443/v1/devices/gateway-1/revoke',
      key: 'Bearer sk_a',
      body: '{"reason":"stolen"}',
    },
  ])
})

test('an error reply is thrown with its code', async () => {
  const body = { defined: true, code: 'device_unknown', status: 404, message: 'no such device', data: null }
  const { fetch } = fakeFetch(json(body, 404))
  const client = createClient({ hub: 'https://hub.example', key: 'sk_a', fetch })
  await expect(client.device.get({ device: 'x' })).rejects.toThrow(ORPCError)
  expect(
    await createClient({ hub: 'https://hub.example', ...fakeFetch(json(body, 404)) })
      .device.get({ device: 'x' })
      .catch((error: unknown) => error),
  ).toMatchObject({ code: 'device_unknown', status: 404, defined: true })
})

test('the client follows no redirect, because the API key would be sent along', async () => {
  const elsewhere = () => new Response(null, { status: 302, headers: { location: 'https://elsewhere.example' } })
  const { seen, fetch } = fakeFetch(elsewhere)
  const error = await createClient({ hub: 'https://hub.example', key: 'sk_a', fetch })
    .hub.me({})
    .catch((thrown: unknown) => thrown)
  expect(problemOf(error)).toMatchObject({ code: 'answer_invalid', status: 302 })
  expect(seen).toHaveLength(1)
})

test('an event stream is read to its end', async () => {
  const events = 'event: message\ndata: {"wave":0}\n\nevent: message\ndata: {"wave":1}\n\nevent: done\ndata:\n\n'
  const stream = () => new Response(events, { headers: { 'content-type': 'text/event-stream' } })
  const client = createClient({ hub: 'https://hub.example', ...fakeFetch(stream) })
  const waves: number[] = []
  const rollout = 'rol_abcdefgh234567' as Parameters<typeof client.rollout.watch>[0]['rollout']
  for await (const event of await client.rollout.watch({ rollout })) waves.push(event.wave)
  expect(waves).toEqual([0, 1])
})

test('lists are read page by page, and a list that repeats a page is stopped', async () => {
  const pages = new Map([
    [undefined, { rows: [1, 2], next: 'b' }],
    ['b', { rows: [3] }],
  ])
  const list = async ({ after }: { after?: string }) => pages.get(after) ?? { rows: [] }
  expect(await allRows(list)).toEqual([1, 2, 3])
  await expect(allRows(async () => ({ rows: [1], next: 'same' }))).rejects.toThrow('the same page twice')
})
