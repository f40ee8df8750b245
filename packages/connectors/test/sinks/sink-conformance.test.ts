/** The promises of every sink, against programs by other people. */
import { deep, rounds, strict } from '@skerry/testkit/tier'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SinkState } from '../../src/sinks/sink-state.ts'
import { type SinkPeer, sinkProtocols } from '../sinks-stage/sink-peers.ts'
import { openSinkStage } from '../sinks-stage/sink-stage.ts'

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index)

/** The deep tier also freezes peers: each is silent for its time then. */
const FREEZES = rounds({ quick: 0, deep: 1 })

const isGone = (state: SinkState) =>
  state.kind === 'down' && ['sink_lost', 'sink_unreachable', 'sink_busy'].includes(state.cause.code)

const DENIED = ['postgres', 'mqtt']

describe.each(sinkProtocols)('sink: $name', ({ name, isThere, isOpen, startPeer }) => {
  let peer: SinkPeer
  beforeAll(async () => {
    if (isThere) peer = await startPeer()
  })
  afterAll(() => peer?.[Symbol.asyncDispose]())

  // A peer that accepts everybody has no wrong password.
  if (!isOpen)
    test.skipIf(!isThere)(
      'a wrong password is reported as such, and loses nothing',
      DENIED.includes(name) ? {} : deep('each peer; PostgreSQL and MQTT deny one in the quick tier'),
      async () => {
        await using stage = openSinkStage(peer.draft, { password: 'another' })
        await stage.offer(3)
        await stage.until(() => stage.host.state().kind === 'down')
        expect(stage.host.state()).toMatchObject({ kind: 'down', cause: { code: 'sink_denied' } })
        await stage.until(() => stage.host.figures().forward?.waiting === 3)
        expect(stage.host.figures().losses).toEqual([])
      },
    )

  test.skipIf(!isThere)(
    'delivers in order; a kill and a frozen peer lose nothing',
    name === 'postgres with timescaledb'
      ? deep('a table of another kind; sink-tls.test.ts shows a hypertable')
      : strict('a value that is lost in an outage is a finding'),
    async () => {
      await using stage = openSinkStage(peer.draft, { password: peer.password })
      await stage.until(() => stage.host.state().kind === 'up')
      for (let round = 0; round < 10; round += 1) await stage.offer(40)
      await stage.until(async () => (await peer.numbers()).length >= 400)
      expect(await peer.numbers()).toEqual(upTo(400))

      await stage.offer(100)
      await peer.kill()
      await stage.offer(500)
      // A peer on a busy machine may have been silent before its end. The next attempt finds that it is gone.
      await stage.until(() => isGone(stage.host.state()))
      await stage.offer(100)
      await peer.start()
      await stage.until(async () => new Set(await peer.numbers()).size >= 1_100)

      for (let freezes = 0; peer.freeze && freezes < FREEZES; freezes += 1) {
        peer.freeze()
        await stage.offer(60)
        await stage.until(() => stage.host.state().kind === 'down')
        expect(stage.host.state()).toMatchObject({ cause: { code: 'sink_silent' } })
        peer.thaw?.()
        await stage.until(async () => new Set(await peer.numbers()).size >= 1_160)
      }
      expect([...new Set(await peer.numbers())].sort((a, b) => a - b)).toEqual(upTo(stage.offered()))
      await stage.until(() => stage.host.figures().forward?.waiting === 0)
      expect(stage.host.figures()).toMatchObject({ crashes: 0, unstored: 0, losses: [] })
    },
  )
})
