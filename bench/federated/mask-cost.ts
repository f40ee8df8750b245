/**
 * The cost of masks in a round of 100 clients with a million parameters, of which ten vanish before they upload. It is
 * in processor seconds of one client, and of the server. The key streams are those of the agent and the hub.
 */
import {
  createPrivateKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { maskUpdate, type Revealed } from '@skerry/core/masking/client'
import { neighboursOnRing, sharingFor } from '@skerry/core/masking/neighbours'
import { quantiseUpdate, wordBits } from '@skerry/core/masking/quantise'
import { planUnmasking, unmaskSum } from '@skerry/core/masking/server'
import { splitSecret } from '@skerry/core/masking/shamir'
import { addWords } from '@skerry/core/masking/words'
import { expandWords } from '@skerry/platform/sealing/mask-keys'

const CLIENTS = 100
const VANISHED = 10
const PARAMETERS = 1_000_000
const FACTS = { clients: CLIENTS, dropoutMax: VANISHED / CLIENTS, colludingMax: 0.1 }
const GOALS = { clientSeconds: 0.1, serverSeconds: 3 }

const agreed = (privateKey: KeyObject, publicKey: KeyObject) =>
  new Uint8Array(hkdfSync('sha256', diffieHellman({ privateKey, publicKey }), '', 'mask', 32))

type Keys = { privateKey: KeyObject; publicKey: KeyObject }

/** Both sides of one round; all clients upload the same words, which cost the server as much as others. */
export function maskCost(): Promise<object> {
  const { degree, threshold } = sharingFor(FACTS)
  const ids = Array.from({ length: CLIENTS }, (_, index) => `client-${String(index).padStart(3, '0')}`)
  const keys = new Map<string, Keys>(ids.map((id) => [id, generateKeyPairSync('x25519')]))
  const keysOf = (id: string) => keys.get(id) ?? generateKeyPairSync('x25519')
  const neighbours = neighboursOnRing(ids, degree)
  const update = Float32Array.from({ length: PARAMETERS }, (_, index) => Math.sin(index) * 0.05)
  const [first = ''] = ids
  const near = neighbours.get(first) ?? []
  const client = secondsOf(() => {
    const words = quantiseUpdate(update, 0.5, { clip: 8, bits: wordBits(CLIENTS) }, Math.random)
    const pairs = new Map(near.map((other) => [other, agreed(keysOf(first).privateKey, keysOf(other).publicKey)]))
    return maskUpdate(words, { id: first, seed: randomBytes(32), pairs, expand: expandWords })
  })
  const answers = answersOf(ids, { neighbours, keysOf, threshold })
  const uploaded = new Set(ids.slice(VANISHED))
  const server = secondsOf(() => {
    const sum = new Uint32Array(PARAMETERS + 1)
    for (const _ of uploaded) addWords(sum, client.result)
    const plan = planUnmasking({ neighbours, uploaded, answers, threshold, minimum: CLIENTS / 2 })
    if (!plan.ok) throw new Error(`the round gives no sum: ${plan.code}`)
    unmaskSum(sum, plan.masks, {
      expand: expandWords,
      agree: (key, vanished, other) => agreed(privateKeyOf(key, keysOf(vanished)), keysOf(other).publicKey),
    })
    return plan.masks.length
  })
  return Promise.resolve({
    clients: CLIENTS,
    parameters: PARAMETERS,
    neighbours: degree,
    threshold,
    masks: server.result,
    clientSeconds: client.seconds,
    serverSeconds: server.seconds,
    goals: GOALS,
  })
}

type Round = { neighbours: ReadonlyMap<string, readonly string[]>; keysOf(id: string): Keys; threshold: number }

/** The shares that the clients reveal: all but the vanished ones answer. */
function answersOf(ids: readonly string[], { neighbours, keysOf, threshold }: Round): Revealed[] {
  const answers = new Map<string, Revealed>(
    ids.slice(VANISHED).map((id) => [id, { seeds: new Map(), keys: new Map() }]),
  )
  for (const [index, id] of ids.entries()) {
    const holders = [...(neighbours.get(id) ?? []), id]
    const isVanished = index < VANISHED
    const secret = isVanished ? secretOf(keysOf(id)) : randomBytes(32)
    const shares = splitSecret(secret, { holders: holders.length, threshold }, randomBytes)
    for (const [at, holder] of holders.entries())
      answers.get(holder)?.[isVanished ? 'keys' : 'seeds'].set(id, shares[at] ?? new Uint8Array())
  }
  return [...answers.values()]
}

const secretOf = ({ privateKey }: Keys) =>
  new Uint8Array(Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url'))

function privateKeyOf(secret: Uint8Array, { publicKey }: Keys): KeyObject {
  const key = { ...publicKey.export({ format: 'jwk' }), d: Buffer.from(secret).toString('base64url') }
  return createPrivateKey({ format: 'jwk', key })
}

/** The median of three runs, after one that warms up. */
function secondsOf<Result>(work: () => Result): { seconds: number; result: Result } {
  let result = work()
  const runs = Array.from({ length: 3 }, () => {
    const before = process.cpuUsage()
    result = work()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1e6
  })
  const [, middle = 0] = runs.sort((a, b) => a - b)
  return { seconds: middle, result }
}
