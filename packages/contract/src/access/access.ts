/**
 * Remote access: a person reaches one device for a while, for a reason. A grant names the person, the
 * kinds of access and the end. A session is one use of it: a terminal, a log, a port or a file. The hub checks the grant, and the device again.
 */
import * as z from 'zod'
import { Digest } from '../values/digest.ts'
import { AccessGrantId, AccessSessionId, DeviceId, KeyId, UserId } from '../values/ids.ts'
import { InstantMs, Name, Reason } from '../values/names.ts'

/** shell: a terminal. logs: the agent's log as it grows. port: a TCP port. file: files below a path. */
export const AccessKind = z.enum(['shell', 'logs', 'port', 'file'])
export type AccessKind = z.infer<typeof AccessKind>

/** A working day. Longer help gets a new grant, with a reason of that day. */
export const GRANT_SECONDS_MAX = 8 * 3_600
export const GRANT_SECONDS_USUAL = 3_600

/** A grant names the ports that somebody needs, and not all of them. */
export const GRANT_TARGETS_MAX = 32

/**
 * A port of the device itself, or an address behind it; with `udp:` before it a UDP port, and else a TCP port. Devices up
 * to 0.1.0 reject UDP. Only numeric addresses: a name could mean another machine by
 * the time it is used.
 */
export const AccessTarget = z
  .string()
  .max(60)
  .regex(
    /^(udp:)?(\[[0-9a-fA-F:.]+\]|[0-9]{1,3}(\.[0-9]{1,3}){3}):[0-9]{1,5}$/,
    'must be ADDRESS:PORT or udp:ADDRESS:PORT with a numeric address, such as 127.0.0.1:8080',
  )
export type AccessTarget = z.infer<typeof AccessTarget>

/** An absolute path of the device, without the parts `.` and `..`. */
export const AccessPath = z
  .string()
  .max(1_000)
  .regex(/^\/[^\0]*$/, 'must be an absolute path')
  .refine((path) => !path.split('/').some((part) => part === '.' || part === '..'), 'must not contain . or ..')
export type AccessPath = z.infer<typeof AccessPath>

export const AccessSpec = z
  .strictObject({
    kinds: z
      .array(AccessKind)
      .min(1)
      .max(AccessKind.options.length)
      .refine((kinds) => new Set(kinds).size === kinds.length, 'names a kind twice'),
    reason: Reason,
    /** How long it counts. */
    seconds: z.int().min(60).max(GRANT_SECONDS_MAX).default(GRANT_SECONDS_USUAL),
    /** For `port`: the targets. */
    targets: z.array(AccessTarget).max(GRANT_TARGETS_MAX).default([]),
    /** For `file`: the folder below which files are reached. */
    path: AccessPath.optional(),
    /** Another person must watch the terminal: it begins when somebody watches, and ends when nobody does. */
    isModerated: z.boolean().optional(),
  })
  .refine(
    ({ kinds, isModerated }) => isModerated !== true || (kinds.length === 1 && kinds[0] === 'shell'),
    'a moderated grant is for shell alone, because nobody can watch the other kinds',
  )
  .refine(({ kinds, targets }) => kinds.includes('port') === targets.length > 0, 'ports need targets, and only ports')
  .refine(({ kinds, path }) => kinds.includes('file') === (path !== undefined), 'files need a path, and only files')
export type AccessSpec = z.infer<typeof AccessSpec>

const Hand = z.strictObject({
  kind: z.enum(['key', 'user']),
  id: z.union([KeyId, UserId]),
  name: z.string().max(63),
})

export const AccessState = z.enum(['active', 'expired', 'revoked'])
export type AccessState = z.infer<typeof AccessState>

export const AccessGrant = z.strictObject({
  id: AccessGrantId,
  device: Name,
  /** The person who may use it; nobody else can. */
  holder: Hand,
  /** Whether the caller is this person. */
  isYours: z.boolean(),
  kinds: z.array(AccessKind),
  targets: z.array(AccessTarget),
  path: AccessPath.optional(),
  reason: z.string(),
  /** Another person must watch its terminals. Older hubs do not send it. */
  isModerated: z.boolean().optional(),
  state: AccessState,
  createdAtMs: InstantMs,
  expiresAtMs: InstantMs,
  revoked: z.strictObject({ by: z.string(), atMs: InstantMs, reason: z.string() }).optional(),
  /** Sessions that are open now. */
  openSessions: z.int().min(0),
})
export type AccessGrant = z.infer<typeof AccessGrant>

/** A moderated terminal without a moderator waits for this time, and then ends. */
export const MODERATOR_WAIT_SECONDS = 300

/** A person who has not fetched the newest part of a terminal for this time does not watch it any more. */
export const WATCHED_SECONDS = 15

/** People who watch one terminal at once. A lesson for more people is a recording. */
export const WATCHERS_MAX = 16

/** waiting: the caller has not connected yet. open: in use. ended: over. failed: it never began. */
export const AccessSessionState = z.enum(['waiting', 'open', 'ended', 'failed'])
export type AccessSessionState = z.infer<typeof AccessSessionState>

/** Kept for this long; the digest stays in the audit trail. */
export const RECORDING_DAYS = 90

/** Some hours of typing. A session that would go on unrecorded ends instead. */
export const RECORDING_BYTES_MAX = 8 * 1024 * 1024

export const AccessRecording = z.strictObject({
  /** SHA-256 of the recording's text. */
  digest: Digest,
  bytes: z.int().min(0),
  /** False if the hub ended before the session did: the recording stops some seconds earlier. */
  isWhole: z.boolean(),
})
export type AccessRecording = z.infer<typeof AccessRecording>

export const AccessSession = z.strictObject({
  id: AccessSessionId,
  grant: AccessGrantId,
  device: Name,
  holder: Hand,
  kind: AccessKind,
  target: AccessTarget.optional(),
  state: AccessSessionState,
  createdAtMs: InstantMs,
  endedAtMs: InstantMs.optional(),
  /** Why it ended: a code of the API, or `closed` by the person or the program. */
  ended: z.string().optional(),
  /** The exit code of the program. */
  exitCode: z.int().optional(),
  recording: AccessRecording.optional(),
  /** Another person must watch it. Older hubs do not send it. */
  isModerated: z.boolean().optional(),
  /** The people who watch it now. Older hubs do not send them. */
  watchers: z.array(z.string().max(63)).max(WATCHERS_MAX).optional(),
})
export type AccessSession = z.infer<typeof AccessSession>

/** The size of a terminal in characters. The largest screens have some 600 columns. */
export const TerminalSize = z.strictObject({ columns: z.int().min(1).max(1_000), rows: z.int().min(1).max(1_000) })
export type TerminalSize = z.infer<typeof TerminalSize>

/** The access that a caller requests under a grant. */
export const AccessWish = z
  .strictObject({
    kind: AccessKind,
    /** For `port`. */
    target: AccessTarget.optional(),
    /** For `shell`. Without a size the program gets pipes, and no terminal. */
    terminal: TerminalSize.optional(),
    /** For `shell`: a command instead of an interactive shell. */
    command: z.string().min(1).max(8_000).optional(),
    /** For `file`. */
    path: AccessPath.optional(),
    direction: z.enum(['read', 'write']).optional(),
  })
  .refine(({ kind, target }) => (kind === 'port') === (target !== undefined), 'a port needs a target, and only a port')
  .refine(({ kind, path }) => (kind === 'file') === (path !== undefined), 'a file needs a path, and only a file')
export type AccessWish = z.infer<typeof AccessWish>

/** The time in which the caller connects after it has opened a session. */
export const TICKET_SECONDS = 30

/** The WebSocket of a session is at this path and the session's id. */
export const SESSION_STREAM_PATH = '/v1/access-streams'

/**
 * [RFC 6455 1.9] The ticket goes in the list of protocols: a page cannot set other headers of a WebSocket, and a query
 * would be written to logs.
 */
export const SESSION_PROTOCOL = 'skerry-access'

/** The ticket: 256 bits, for one connection. */
export const AccessTicket = z.string().regex(/^[A-Za-z0-9_-]{43}$/)

/** Sent to the device, which judges it again. Later hubs may add fields. */
export const AccessOrder = z.object({
  session: AccessSessionId,
  device: DeviceId,
  grant: z.object({
    id: AccessGrantId,
    holder: z.string().max(63),
    reason: z.string().max(500),
    kinds: z.array(z.string().max(32)).max(32),
    targets: z.array(z.string().max(60)).max(GRANT_TARGETS_MAX),
    path: z.string().max(1_000).optional(),
    /** A length of time, because the device's clock may be wrong. */
    remainingMs: z
      .int()
      .min(0)
      .max(GRANT_SECONDS_MAX * 1_000),
  }),
  wish: z.object({
    kind: AccessKind,
    target: AccessTarget.optional(),
    terminal: z.object({ columns: z.int().min(1).max(1_000), rows: z.int().min(1).max(1_000) }).optional(),
    command: z.string().min(1).max(8_000).optional(),
    path: AccessPath.optional(),
    direction: z.enum(['read', 'write']).optional(),
  }),
})
export type AccessOrder = z.infer<typeof AccessOrder>
