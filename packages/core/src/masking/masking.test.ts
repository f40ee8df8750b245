/** Masked sums: equal to plain sums bit for bit under every pattern of dropouts of small rounds. */
import {
  createCipheriv,
  createHash,
  createPrivateKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type HeldShares, maskUpdate, type RevealFacts, revealShares } from './client.ts'
import { neighboursOnRing, sharingFor, thresholdFor } from './neighbours.ts'
import { meanOfWords, quantiseUpdate, wordBits } from './quantise.ts'
import { planUnmasking, unmaskSum } from './server.ts'
import { combineShares, splitSecret } from './shamir.ts'
import { addWords, type Expander } from './words.ts'

const LENGTH = 33

/** Words of AES-128 in counter mode; kept, because the patterns expand the same seeds. */
const known = new Map<string, Uint32Array>()
const expand: Expander = (seed, length, use) => {
  const key = Buffer.from(seed).toString('hex')
  const stream = () =>
    createCipheriv('aes-128-ctr', seed.subarray(0, 16), Buffer.alloc(16)).update(Buffer.alloc(length * 4))
  const words = known.get(key) ?? new Uint32Array(new Uint8Array(stream()).buffer)
  known.set(key, words)
  use(words)
}

/** Repeatable bytes by a name. */
function bytesOf(name: string): (count: number) => Uint8Array {
  let block = 0
  return (count) => {
    const parts: Buffer[] = []
    for (let size = 0; size < count; size += 32) parts.push(createHash('sha256').update(`${name} ${block++}`).digest())
    return new Uint8Array(Buffer.concat(parts).subarray(0, count))
  }
}

type Pair = { privateKey: KeyObject; publicKey: KeyObject }

const agreed = (privateKey: KeyObject, publicKey: KeyObject) =>
  new Uint8Array(hkdfSync('sha256', diffieHellman({ privateKey, publicKey }), '', 'mask', 32))

const secretOf = ({ privateKey }: Pair) =>
  new Uint8Array(Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url'))

function keyOf(secret: Uint8Array, { publicKey }: Pair): KeyObject {
  const key = { ...publicKey.export({ format: 'jwk' }), d: Buffer.from(secret).toString('base64url') }
  return createPrivateKey({ format: 'jwk', key })
}

/** A round of `n` clients that have shared their secrets, and their masked uploads. */
function roundOf(n: number, degree: number, threshold: number) {
  const ids = Array.from({ length: n }, (_, index) => `client-${index}`)
  const neighbours = neighboursOnRing(ids, degree)
  const keys = new Map<string, Pair>(ids.map((id) => [id, generateKeyPairSync('x25519')]))
  const keyPair = (id: string) => keys.get(id) ?? generateKeyPairSync('x25519')
  const held = new Map<string, Map<string, HeldShares>>(ids.map((id) => [id, new Map()]))
  const uploads = new Map<string, Uint32Array>()
  const inputs = new Map<string, Uint32Array>()
  for (const id of ids) {
    const random = bytesOf(`${n} ${id}`)
    const near = neighbours.get(id) ?? []
    const seed = random(32)
    const holders = [...near, id]
    const sharing = { holders: holders.length, threshold }
    const [ofSeed, ofKey] = [splitSecret(seed, sharing, random), splitSecret(secretOf(keyPair(id)), sharing, random)]
    for (const [at, holder] of holders.entries())
      held.get(holder)?.set(id, { seed: ofSeed[at] ?? new Uint8Array(), key: ofKey[at] ?? new Uint8Array() })
    const words = new Uint32Array(random(LENGTH * 4).buffer)
    const pairs = new Map(near.map((other) => [other, agreed(keyPair(id).privateKey, keyPair(other).publicKey)]))
    inputs.set(id, words)
    uploads.set(id, maskUpdate(words, { id, seed, pairs, expand }))
  }
  const seeds = new Map<string, Uint8Array>()
  const agree = (key: Uint8Array, vanished: string, client: string) => {
    const name = `${vanished} ${client}`
    const before = seeds.get(name)
    if (before) return before
    const seed = agreed(keyOf(key, keyPair(vanished)), keyPair(client).publicKey)
    seeds.set(name, seed)
    return seed
  }
  return { ids, neighbours, held, uploads, inputs, agree }
}

const FATES = ['stays', 'leaves before the upload', 'leaves after the upload'] as const

const sumOf = (vectors: Iterable<Uint32Array>) => {
  const sum = new Uint32Array(LENGTH)
  for (const vector of vectors) addWords(sum, vector)
  return sum
}

describe('a masked sum', () => {
  test.each([
    ...[2, 3, 4, 5, 6].map((n) => ({ n, degree: n - 1, threshold: thresholdFor(n, 1 / 3) })),
    { n: 5, degree: 4, threshold: 3 },
    { n: 6, degree: 4, threshold: 3 },
    { n: 6, degree: 2, threshold: 2 },
  ])(
    'of $n clients with $degree neighbours and $threshold shares is the plain sum under every pattern of dropouts',
    ({ n, degree, threshold }) => {
      const { ids, neighbours, held, uploads, inputs, agree } = roundOf(n, degree, threshold)
      const minimum = Math.floor(n / 2) + 1
      const counts = { sums: 0, aborted: 0 }
      for (let pattern = 0; pattern < 3 ** n; pattern++) {
        const fate = new Map(ids.map((id, at) => [id, FATES[Math.floor(pattern / 3 ** at) % 3]]))
        const uploaded = ids.filter((id) => fate.get(id) !== 'leaves before the upload')
        const vanished = ids.filter((id) => fate.get(id) === 'leaves before the upload')
        const present = ids.filter((id) => fate.get(id) === 'stays')
        const answers = present.flatMap((id) => {
          const own = held.get(id) ?? new Map()
          const answer = revealShares({
            question: { uploaded, vanished },
            held: own,
            clients: new Set(ids),
            minimum,
            answered: undefined,
          })
          return answer.ok ? [answer.revealed] : []
        })
        const plan = planUnmasking({ neighbours, uploaded: new Set(uploaded), answers, threshold, minimum })
        const holders = (id: string) =>
          [id, ...(neighbours.get(id) ?? [])].filter((other) => fate.get(other) === 'stays').length
        const isNeeded = (id: string) =>
          uploaded.includes(id) || neighbours.get(id)?.some((other) => uploaded.includes(other))
        const isPossible = uploaded.length >= minimum && ids.every((id) => !isNeeded(id) || holders(id) >= threshold)
        expect(plan.ok, [...fate.values()].join(', ')).toBe(isPossible)
        if (!plan.ok) {
          counts.aborted++
          continue
        }
        const sum = sumOf(uploaded.map((id) => uploads.get(id) ?? new Uint32Array()))
        unmaskSum(sum, plan.masks, { expand, agree })
        expect(sum).toEqual(sumOf(uploaded.map((id) => inputs.get(id) ?? new Uint32Array())))
        counts.sums++
      }
      expect(counts.sums).toBeGreaterThan(0)
      expect(counts.sums + counts.aborted).toBe(3 ** n)
    },
  )

  test('of one client says nothing: the upload has no word of the update', () => {
    const { inputs, uploads } = roundOf(4, 3, 3)
    for (const [id, words] of inputs) {
      const masked = uploads.get(id) ?? new Uint32Array()
      expect(masked.filter((word, at) => word === words[at]).length).toBeLessThan(3)
    }
  })
})

describe('a client', () => {
  const held = new Map(['a', 'b', 'c'].map((id) => [id, { seed: Uint8Array.of(1, 7), key: Uint8Array.of(1, 9) }]))
  const facts: RevealFacts = {
    question: { uploaded: ['a', 'b'], vanished: ['c'] },
    held,
    clients: new Set(['a', 'b', 'c', 'd']),
    minimum: 2,
    answered: undefined,
  }

  test('reveals seeds of uploads and keys of the vanished', () => {
    const answer = revealShares(facts)
    if (!answer.ok) throw new Error(answer.code)
    expect([...answer.revealed.seeds.keys()]).toEqual(['a', 'b'])
    expect([...answer.revealed.keys.keys()]).toEqual(['c'])
  })

  test.each<[string, Partial<RevealFacts>]>([
    ['masking_both', { question: { uploaded: ['a', 'b'], vanished: ['b'] } }],
    ['masking_unknown', { question: { uploaded: ['a', 'b', 'x'], vanished: [] } }],
    ['masking_few', { question: { uploaded: ['a', 'a'], vanished: ['b', 'c'] } }],
    ['masking_answered', { answered: { uploaded: ['a', 'b', 'c'], vanished: [] } }],
  ])('answers %s to a question that would expose somebody', (code, change) => {
    expect(revealShares({ ...facts, ...change })).toEqual({ ok: false, code })
  })

  test('answers the same question again, because an answer can get lost', () => {
    const answered = { uploaded: ['b', 'a'], vanished: ['c'] }
    expect(revealShares({ ...facts, answered })).toEqual(revealShares(facts))
  })
})

describe('shares', () => {
  const random = bytesOf('shares')

  test('of any threshold give the secret, and one less another one', () => {
    for (const [holders, threshold] of [
      [1, 1],
      [3, 2],
      [6, 5],
      [100, 67],
      [255, 255],
    ] as const) {
      const secret = random(32)
      const shares = splitSecret(secret, { holders, threshold }, random)
      expect(combineShares(shares.slice(-threshold))).toEqual(secret)
      expect(combineShares(shares.toReversed().slice(-threshold))).toEqual(secret)
      if (threshold > 1) expect(combineShares(shares.slice(0, threshold - 1))).not.toEqual(secret)
    }
  })

  test('have the field of AES: a known product and its inverse', () => {
    // [FIPS 197, 4.2] {57} times {83} is {c1}: a share of place 0x57 with the secret 0 and the coefficient 0x83.
    const shares = splitSecret(Uint8Array.of(0), { holders: 0x57, threshold: 2 }, () => Uint8Array.of(0x83))
    expect(shares.at(-1)).toEqual(Uint8Array.of(0x57, 0xc1))
  })

  test('that do not belong together are an error of the caller', () => {
    const [first = new Uint8Array(), second = new Uint8Array()] = splitSecret(
      random(4),
      { holders: 2, threshold: 2 },
      random,
    )
    for (const shares of [[], [first, first], [first, second.subarray(1)], [Uint8Array.of(0, 1, 2, 3, 4), first]])
      expect(() => combineShares(shares)).toThrow(RangeError)
    expect(() => splitSecret(first, { holders: 2, threshold: 3 }, random)).toThrow(RangeError)
    expect(() => splitSecret(first, { holders: 256, threshold: 3 }, random)).toThrow(RangeError)
  })
})

describe('words', () => {
  test('the mean of many updates by their weights is exact to the width of a word', () => {
    const clients = 100
    const quantisation = { clip: 8, bits: wordBits(clients) }
    const draw = bytesOf('words')
    const uniform = () => new DataView(draw(4).buffer).getUint32(0) / 2 ** 32
    const updates = Array.from({ length: clients }, () =>
      Float32Array.from({ length: LENGTH - 1 }, () => uniform() * 0.1 - 0.05),
    )
    const ratios = updates.map(() => 0.01 + 0.99 * uniform())
    const sum = sumOf(updates.map((values, at) => quantiseUpdate(values, ratios[at] ?? 0, quantisation, uniform)))
    const total = ratios.reduce((a, b) => a + b)
    const mean = meanOfWords(sum, clients, quantisation) ?? new Float64Array()
    for (const [index, value] of mean.entries()) {
      const wanted = updates.reduce((all, values, at) => all + (ratios[at] ?? 0) * (values[index] ?? 0), 0) / total
      expect(Math.abs(value - wanted)).toBeLessThan(1e-5)
    }
  })

  test('the largest words do not wrap, and a sum without a weight has no mean', () => {
    for (const clients of [1, 2, 3, 7, 8, 1_000, 65_536]) {
      const top = 2 ** wordBits(clients) - 1
      expect(clients * top).toBeLessThan(2 ** 32)
      expect((clients + 1) * 2 * (2 * top + 1)).toBeGreaterThan(2 ** 32)
    }
    const large = quantiseUpdate(Float32Array.of(100, -100), 1, { clip: 1, bits: 8 }, () => 0.999)
    expect([...large]).toEqual([255, 255, 0])
    expect(meanOfWords(new Uint32Array(3), 0, { clip: 1, bits: 8 })).toBeUndefined()
  })
})

test('a ring gives each client its neighbours on both sides, and in small rounds all others', () => {
  const ids = Array.from({ length: 9 }, (_, index) => `c${index}`)
  const ring = neighboursOnRing(ids, 4)
  expect(ring.get('c0')).toEqual(['c1', 'c8', 'c2', 'c7'])
  for (const [id, near] of ring) for (const other of near) expect(ring.get(other)).toContain(id)
  expect(neighboursOnRing(ids.slice(0, 3), 2).get('c1')).toEqual(['c0', 'c2'])
})

test('the number of neighbours grows slowly with the round, and with the dropouts and colluders that it bears', () => {
  const base = { dropoutMax: 0.1, colludingMax: 0.1 }
  const degrees = [2, 10, 100, 1_000, 10_000].map((clients) => sharingFor({ clients, ...base }).degree)
  expect(degrees).toEqual([1, 9, 28, 38, 42])
  expect(sharingFor({ clients: 1_000, dropoutMax: 0.3, colludingMax: 0.1 }).degree).toBeGreaterThan(100)
  expect([1, 3, 6, 15].map((holders) => thresholdFor(holders, 1 / 3))).toEqual([1, 3, 5, 11])
  for (const clients of [20, 100, 1_000]) {
    const { degree, threshold } = sharingFor({ clients, ...base })
    const holders = degree + 1
    expect(2 * threshold, 'two questions find too few holders').toBeGreaterThan(holders * 1.1)
  }
})
