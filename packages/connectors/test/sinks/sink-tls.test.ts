/** TLS of sinks whose default it is: whom they trust they tell, and nobody else. And a hypertable of TimescaleDB, on the same server. */
import { join } from 'node:path'
import { hasNats, startNats } from '@skerry/testkit/peers/nats-peer'
import { hasTimescale, newDatabase, sqlOn, startPostgres, TIMESCALE } from '@skerry/testkit/postgres-cluster'
import { describe, expect, onTestFinished, test } from 'vitest'
import { batchOf, openSession, sample, sendTo } from '../sinks-stage/sink-session.ts'
import { makeCertificates } from '../stage/certificates.ts'

type Changes = { host?: string; authority?: string | undefined; tls?: 'off' }

/** Which of them get through to a server for `localhost`. */
async function checkTrust(open: (changes: Changes) => ReturnType<typeof openSession>): Promise<void> {
  const session = await open({})
  expect(await sendTo(session, batchOf([sample(1)]))).toEqual({ ok: true })
  const denied = { name: 'SinkTrouble', code: 'sink_denied' }
  // The right server by an address that its certificate does not name.
  await expect(open({ host: '127.0.0.1' })).rejects.toMatchObject(denied)
  await expect(open({ authority: makeCertificates().ca })).rejects.toMatchObject(denied)
  await expect(open({ authority: undefined })).rejects.toMatchObject(denied)
}

describe.skipIf(!hasTimescale)('postgres', () => {
  const secrets = (url: string) => ({ password: new URL(url).password })
  const draftOf = (url: string, more: object) => {
    const { port, username: user, pathname } = new URL(url)
    const where = { host: 'localhost', port: Number(port), user, database: pathname.slice(1) }
    return { protocol: 'postgres', connection: { ...where, password: { secret: 'password' }, ...more } }
  }

  test('tells the server that its authority knows by that name, and no other', async () => {
    const { ca, server } = makeCertificates()
    const cluster = await startPostgres({
      settings: ['ssl=on', 'ssl_cert_file=$FOLDER/server.crt', 'ssl_key_file=$FOLDER/server.key'],
      files: { 'server.crt': server.certificate, 'server.key': server.key },
    })
    onTestFinished(() => cluster[Symbol.asyncDispose]())
    const url = await newDatabase(cluster.url)
    await checkTrust((changes) => openSession(draftOf(url, { authority: ca, ...changes }), secrets(url)))
    expect(await sqlOn(url, 'select count(*) from skerry_values')).toEqual(['1'])
  })

  test('where TLS or TimescaleDB is missing, it says what to do; a plain table that was there becomes a hypertable', async () => {
    const cluster = await startPostgres({ settings: TIMESCALE })
    onTestFinished(() => cluster[Symbol.asyncDispose]())
    const url = await newDatabase(cluster.url)
    await expect(openSession(draftOf(url, {}), secrets(url))).rejects.toMatchObject({
      code: 'sink_unfit',
      message: expect.stringContaining('tls: off'),
    })
    const open = (more: object) => openSession(draftOf(url, { tls: 'off', ...more }), secrets(url))
    await expect(open({ hypertable: true })).rejects.toMatchObject({
      code: 'sink_unfit',
      message: expect.stringContaining('CREATE EXTENSION'),
    })
    await sqlOn(url, 'create extension timescaledb')
    // It was a plain table before, and has a row.
    await sendTo(await open({}), batchOf([sample(1)]))
    for (const first of [2, 3]) await sendTo(await open({ hypertable: true }), batchOf([sample(first * 1e9)], first))
    expect(await sqlOn(url, 'select hypertable_name, num_chunks from timescaledb_information.hypertables')).toEqual([
      'skerry_values|3',
    ])
    expect(await sqlOn(url, 'select number from skerry_values order by time')).toEqual([
      '1',
      '2000000000',
      '3000000000',
    ])
  })
})

test.skipIf(!hasNats)('nats: tells the server that its authority knows by that name, and no other', async () => {
  const { folder, ca } = makeCertificates()
  const files = ['--tlscert', join(folder, 'server.crt'), '--tlskey', join(folder, 'server.key')]
  const peer = await startNats(['--tls', ...files])
  onTestFinished(() => peer[Symbol.asyncDispose]())
  const draftOf = (port: number, more: object) => ({
    protocol: 'nats',
    connection: {
      host: 'localhost',
      port,
      user: peer.user,
      password: { secret: 'password' },
      subject: 'plant.values',
      jetStream: false,
      authority: ca,
      ...more,
    },
  })
  const secrets = { password: peer.password }
  await checkTrust((changes) => openSession(draftOf(peer.port, changes), secrets))
  const bare = await startNats()
  onTestFinished(() => bare[Symbol.asyncDispose]())
  await expect(openSession(draftOf(bare.port, {}), secrets)).rejects.toMatchObject({
    code: 'sink_unfit',
    message: expect.stringContaining('tls: off'),
  })
})
