/** The error codes about remote access. */
export const accessErrors = {
  grant_unknown: { status: 404, message: 'no such grant of yours for this device; "skerry access request" gets one' },
  grant_expired: { status: 403, message: 'the grant has expired; get a new one with "skerry access request"' },
  grant_revoked: { status: 403, message: 'the grant was revoked; "skerry access ls" names the person who revoked it' },
  grant_exceeded: { status: 403, message: 'the grant does not cover this; the message says what it covers' },
  moderation_needed: {
    status: 403,
    message: 'terminals of this device need a moderator; use "skerry access request --kind shell --moderated"',
  },
  access_full: { status: 429, message: 'too many grants or sessions are open; revoke or close some' },
  access_session_unknown: { status: 404, message: 'no such session; "skerry access sessions" lists them' },
  access_unwatched: {
    status: 409,
    message: 'you do not watch this terminal, or it has ended; begin with "skerry access watch"',
  },
  ticket_invalid: {
    status: 403,
    message: 'the ticket of the session is wrong, used or older than 30 s; open the session again',
  },
} as const satisfies Record<string, { status: number; message: string }>
