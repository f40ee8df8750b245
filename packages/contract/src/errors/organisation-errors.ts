/** The error codes that are about organisations: their operators, their state and their quotas. */
export const organisationErrors = {
  organisation_unknown: { status: 404, message: 'no such organisation; "skerry org ls" lists them' },
  organisation_exists: { status: 409, message: 'an organisation of this name exists; choose another name' },
  organisation_limit_reached: {
    status: 409,
    message: 'a hub has at most 1,000 organisations; remove one, or set up another hub',
  },
  organisation_claimed: {
    status: 409,
    message: 'the organisation has an owner already; the owner invites everybody else',
  },
  organisation_disabled: {
    status: 403,
    message: 'the operator of this hub has disabled the organisation; ask the operator',
  },
  organisation_status_refused: {
    status: 409,
    message: 'the organisation is not in a state that allows this; "skerry org show" shows its state',
  },
  removal_unconfirmed: {
    status: 422,
    message: 'confirm with the exact name of the organisation; nothing was removed',
  },
  device_quota_reached: {
    status: 409,
    message:
      'the organisation has reached its quota of devices; remove some, or ask the operator of this hub for a larger quota',
  },
  storage_quota_reached: {
    status: 409,
    message:
      'the organisation has reached its quota of storage; remove versions, or ask the operator of this hub for a larger quota',
  },
  request_quota_reached: {
    status: 429,
    message:
      'the organisation has reached its quota of requests; wait as long as Retry-After says, or ask the operator of this hub for a larger quota',
  },
} as const satisfies Record<string, { status: number; message: string }>
