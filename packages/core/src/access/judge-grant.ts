/**
 * Judge grant: whether a grant of remote access covers a wish. The hub asks before it opens a session and while it is
 * open, and the device asks again with its own switches and addresses.
 */
import type { AccessKind, AccessWish } from '@skerry/contract/access/access'

export type GrantFacts = {
  kinds: readonly string[]
  targets: readonly string[]
  path?: string | undefined
  expiresAtMs: number
  revokedAtMs?: number | undefined
}

export type GrantRefusal = { ok: false; code: 'grant_expired' | 'grant_revoked' | 'grant_exceeded'; message: string }

export type GrantVerdict = { ok: true; untilMs: number } | GrantRefusal

/** Whether the grant covers the wish now, and until when. */
export function judgeGrant(
  grant: GrantFacts,
  wish: Pick<AccessWish, 'kind' | 'target' | 'path'>,
  nowMs: number,
): GrantVerdict {
  if (grant.revokedAtMs !== undefined) return refuse('grant_revoked', 'the grant was revoked; get a new one')
  if (nowMs >= grant.expiresAtMs) return refuse('grant_expired', 'the grant has expired; get a new one')
  if (!grant.kinds.includes(wish.kind))
    return refuse('grant_exceeded', `the grant is for ${grant.kinds.join(', ')}, and not for ${wish.kind}`)
  if (wish.target !== undefined && !grant.targets.includes(wish.target))
    return refuse(
      'grant_exceeded',
      `the grant is for ${grant.targets.join(', ') || 'no port'}, and not for ${wish.target}`,
    )
  if (wish.path !== undefined && !isBelow(wish.path, grant.path))
    return refuse(
      'grant_exceeded',
      `the grant is for files below ${grant.path ?? 'no folder'}, and not for ${wish.path}`,
    )
  return { ok: true, untilMs: grant.expiresAtMs }
}

export type ModerationVerdict = { ok: true } | { ok: false; code: 'moderation_needed'; message: string }

/** Whether a terminal may begin under the grant. `isNeeded`: a rule of the organisation demands a moderator there. */
export function judgeModeration(
  grant: { kinds: readonly string[]; isModerated?: boolean | undefined },
  isNeeded: boolean,
): ModerationVerdict {
  if (!isNeeded || !grant.kinds.includes('shell') || grant.isModerated === true) return { ok: true }
  const message =
    'terminals of this device need a moderator; get a grant for shell alone that is moderated (--moderated), and another one for the other kinds'
  return { ok: false, code: 'moderation_needed', message }
}

const refuse = (code: GrantRefusal['code'], message: string): GrantRefusal => ({ ok: false, code, message })

/** Whether the path is the folder or lies in it. Both are absolute, and have no parts `.` and `..`. */
export function isBelow(path: string, folder: string | undefined): boolean {
  if (folder === undefined) return false
  const root = folder.endsWith('/') ? folder : `${folder}/`
  return path === folder || `${path}/` === root || path.startsWith(root)
}

/** The device's own decisions: nothing is allowed unless its operator has said so. */
export type DeviceSwitches = {
  kinds: readonly AccessKind[]
  /** Addresses behind the device, as ADDRESS:PORT, or udp:ADDRESS:PORT. */
  addresses: readonly string[]
}

export type SwitchVerdict = { ok: true } | { ok: false; code: 'access_refused'; message: string }

/** Whether the device's own switches allow the wish. `hub`: the numeric addresses of its hub, each with the port. */
export function judgeSwitches(
  { kinds, addresses }: DeviceSwitches,
  { kind, target }: Pick<AccessWish, 'kind' | 'target'>,
  hub: readonly string[],
): SwitchVerdict {
  if (!kinds.includes(kind)) {
    const now = kinds.length === 0 ? 'nothing' : kinds.join(', ')
    return no(`the agent allows ${now}; its operator can start it with --allow-remote ${[...kinds, kind].join(',')}`)
  }
  if (target === undefined) return { ok: true }
  const address = addressOf(target)
  if (address === undefined) return no(`${target} is no numeric address and port`)
  if (isNeverReached(address))
    return no(`${target} is an address that only gives credentials to machines, or none at all`)
  if (hub.includes(withoutTransport(target).toLowerCase()))
    return no(`${target} is the hub itself; connect to it directly`)
  if (isLoopback(address) || addresses.includes(target)) return { ok: true }
  return no(`${target} is not on the device; its operator can add --remote-address ${target}`)
}

const no = (message: string): SwitchVerdict => ({ ok: false, code: 'access_refused', message })

const UDP = 'udp:'

/** Whether the target is a UDP port. */
export const isDatagramTarget = (target: string): boolean => target.startsWith(UDP)

/** ADDRESS:PORT of the target. */
export const withoutTransport = (target: string): string =>
  isDatagramTarget(target) ? target.slice(UDP.length) : target

/** The numeric address of the target; undefined if it is none, or if the port is none. */
export function addressOf(target: string): string | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):([0-9]{1,5})$/.exec(withoutTransport(target))
  const [, six, four, port] = match ?? []
  if (!(Number(port) >= 1 && Number(port) <= 65_535)) return undefined
  if (four !== undefined) return isV4(four) ? four : undefined
  return six?.toLowerCase()
}

/** Each part in its shortest form: `0177.0.0.1` is another machine for some programs. */
const isV4 = (text: string) =>
  text.split('.').length === 4 && text.split('.').every((part) => String(Number(part)) === part && Number(part) <= 255)

const isLoopback = (address: string) => address === '::1' || /^127\./.test(address)

/**
 * [RFC 3927, RFC 4291 2.5.6] Link-local addresses: clouds give credentials to any program there. [RFC 4291 2.5.5.2] An
 * IPv4 address inside an IPv6 one would get around these rules. The unspecified addresses mean this machine to some
 * systems, and multicast and broadcast mean many.
 */
const isNeverReached = (address: string) =>
  /^(0|169\.254|22[4-9]|23\d|24\d|25[0-5])\./.test(address) ||
  /^(fe[89ab]|ff)/.test(address) ||
  /^(fd00:ec2:|::ffff:|64:ff9b:)/.test(address) ||
  /^[0:]+$/.test(address) ||
  (address.includes('.') && address.includes(':'))
