/**
 * Known place: a browser, or an address of a network, from which a person has signed in before. Tries from there are counted apart, so a
 * stranger with wrong passwords cannot keep the person out, and a stolen cookie gives no more guesses than any other place.
 */
import type { UserId } from '@skerry/contract/values/ids'
import type { OpenCall } from '../../http/call.ts'
import { hashSecret } from '../../keys/key-secret.ts'
import type { Db, Tx } from '../../store/store.ts'
import { forgetFailures } from '../failure-store.ts'

const NAME = '__Host-skerry-browser'
const FLAGS = 'Path=/; Secure; HttpOnly; SameSite=Strict'

/** [RFC 6265bis 5.5] Browsers keep no cookie longer than 400 days. */
const LIFE_SECONDS = 34_560_000

/** The identifiers' `secret()` makes such a text. */
const SECRET = /^[A-Za-z0-9_-]{43}$/

/** Ten browsers and ten addresses: a person has fewer, and a thief who collects cookies gets no more counts than that. */
const PLACES_MAX = 20

/** The secret of the browser that asks; undefined where it has none. */
export function browserSecretOf(header: string | undefined): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const [name, value = ''] = part.trim().split('=', 2)
    if (name === NAME && SECRET.test(value)) return value
  }
  return undefined
}

/** Sets it. It opens nothing: it only tells this browser from others. */
export const browserCookie = (secret: string): string => `${NAME}=${secret}; ${FLAGS}; Max-Age=${LIFE_SECONDS}`

/** As whom tries are counted, and in which lane they are looked at. */
type Counted = { name: string; lane: string }

type Asking = Pick<OpenCall, 'hub' | 'browser' | 'source'>

/** The most exact place of the person that is known; else the e-mail address, whether anybody has it or not. */
export async function countedAs({ hub, browser, source }: Asking, email: string): Promise<Counted> {
  const secret = browserSecretOf(browser.cookie)
  const ofBrowser = browserHash(secret ?? '')
  const ofNetwork = networkHash(source)
  const known = await hub.store.db
    .selectFrom('known_places')
    .innerJoin('users', 'users.id', 'known_places.user_id')
    .select(['known_places.user_id', 'known_places.place_hash'])
    .where('users.email', '=', email)
    .where('known_places.place_hash', 'in', [ofBrowser, ofNetwork])
    .execute()
  const place = known.find(({ place_hash }) => place_hash === ofBrowser) ?? known[0]
  const lane = place?.place_hash === ofBrowser ? `browser ${ofBrowser}` : laneOf(source)
  return { name: place ? nameOf(place.user_id, place.place_hash) : email, lane }
}

/** [RFC 6177 2] An end site has a /48 of IPv6 at most: else one household would have 256 lanes or more. */
const LANE_GROUPS = 3

/** The lane of an address: the share of one household or plant. */
export const laneOf = (source: string): string => `${STRANGER}${networkOf(source, LANE_GROUPS)}`

const STRANGER = 'network '

/** Whether a lane is of a browser or a session of a person: of these nobody has more than a few. */
export const isKnownLane = (lane: string): boolean => !lane.startsWith(STRANGER)

type Seen = { userId: UserId; secret: string; source: string; nowMs: number }

/** Notes where the person has signed in, wipes what was counted there, and forgets the places of long ago. */
export async function rememberPlaces(tx: Tx, { userId, secret, source, nowMs }: Seen): Promise<void> {
  for (const place_hash of [browserHash(secret), networkHash(source)]) {
    await tx
      .insertInto('known_places')
      .values({ user_id: userId, place_hash, seen_at_ms: nowMs })
      .onConflict((conflict) => conflict.columns(['user_id', 'place_hash']).doUpdateSet({ seen_at_ms: nowMs }))
      .execute()
    await forgetFailures(tx, nameOf(userId, place_hash))
  }
  const kept = await placesOf(tx, userId)
  for (const { place_hash } of kept.slice(PLACES_MAX)) {
    await tx.deleteFrom('known_places').where('user_id', '=', userId).where('place_hash', '=', place_hash).execute()
  }
}

/** After a reset no place of before is known: the thief may have signed in as well. */
export async function forgetPlaces(tx: Tx, userId: UserId): Promise<void> {
  await tx.deleteFrom('known_places').where('user_id', '=', userId).execute()
}

const placesOf = (db: Db, userId: UserId) =>
  db
    .selectFrom('known_places')
    .select('place_hash')
    .where('user_id', '=', userId)
    .orderBy('seen_at_ms', 'desc')
    .execute()

const browserHash = (secret: string) => hashSecret(`browser ${secret}`)
const networkHash = (source: string) => hashSecret(`network ${networkOf(source, PLACE_GROUPS)}`)
const nameOf = (userId: UserId, placeHash: string) => `place ${userId} ${placeHash}`

/** [RFC 4291 2.5.4] One connection has a whole /64 of IPv6, and changes its address within. */
const PLACE_GROUPS = 4

/** The first groups of an address of IPv6; all of one of IPv4. */
function networkOf(source: string, groups: number): string {
  const plain = source.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  if (!plain.includes(':')) return plain
  const [head = '', tail] = plain.split('::')
  const front = head === '' ? [] : head.split(':')
  const back = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length)
  return [...front, ...Array.from({ length: zeros }, () => '0'), ...back].slice(0, groups).join(':')
}
