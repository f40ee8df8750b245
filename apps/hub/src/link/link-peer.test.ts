/** Link peer: answers in oRPC's own form, once for each request, and never for an aborted one. */
import { HibernationEventIterator } from '@orpc/server/hibernation'
import { ClientPeer } from '@orpc/standard-server-peer'
import { expect, test } from 'vitest'
import { createLinkPeer } from './link-peer.ts'

type Answer = Parameters<typeof createLinkPeer>[1]

const OK = { status: 200, headers: {}, body: { json: 'answered' } }

const request = (i: string) => JSON.stringify({ i, p: { u: '/report', b: { json: { n: 1 } } } })

function openPeer(answer: Answer) {
  const sent: Record<string, unknown>[] = []
  return { sent, peer: createLinkPeer((message) => void sent.push(JSON.parse(String(message))), answer) }
}

test("a client of oRPC gets the handler's answer", async () => {
  const bodies: unknown[] = []
  const client = new ClientPeer((message) => peer.message(String(message)))
  const peer = createLinkPeer(
    (message) => void client.message(message),
    async ({ body, url }) => {
      bodies.push(body, url.pathname)
      return OK
    },
  )
  const reply = await client.request({
    url: new URL('http://orpc/held'),
    method: 'POST',
    headers: {},
    body: { json: { name: 'trust' } },
    signal: undefined,
  })
  expect(reply).toMatchObject({ status: 200, body: OK.body })
  expect(bodies).toEqual([{ json: { name: 'trust' } }, '/held'])
})

test('a repeated id counts once while its request is open, and again afterwards', async () => {
  const calls = Promise.withResolvers<void>()
  let count = 0
  const { sent, peer } = openPeer(async () => {
    count += 1
    await calls.promise
    return OK
  })
  const first = peer.message(request('1'))
  await peer.message(request('1'))
  expect(count).toBe(1)
  calls.resolve()
  await first
  await peer.message(request('1'))
  expect([count, sent.length]).toEqual([2, 2])
})

test('an aborted request and a closed connection get no answer', async () => {
  const calls = Promise.withResolvers<void>()
  const { sent, peer } = openPeer(async () => {
    await calls.promise
    return OK
  })
  const works = [peer.message(request('1')), peer.message(request('2'))]
  await peer.message(JSON.stringify({ i: '1', t: 4 }))
  peer.close()
  calls.resolve()
  await Promise.all(works)
  expect(sent).toEqual([])
})

test('a stream begins after its answer is sent', async () => {
  const { sent, peer } = openPeer(async () => ({
    status: 200,
    headers: {},
    body: new HibernationEventIterator((id) => void sent.push({ begun: id })),
  }))
  await peer.message(request('7'))
  expect(sent).toEqual([{ i: '7', p: { h: { 'content-type': 'text/event-stream' } } }, { begun: '7' }])
})

test('a malformed message and a failed handler reject, and free the id', async () => {
  const { peer, sent } = openPeer(async () => {
    if (sent.length === 0) throw new Error('no answer')
    return OK
  })
  await expect(peer.message('{')).rejects.toThrow(SyntaxError)
  await expect(peer.message(request('1'))).rejects.toThrow('no answer')
  sent.push({})
  await peer.message(request('1'))
  expect(sent.length).toBe(2)
})
