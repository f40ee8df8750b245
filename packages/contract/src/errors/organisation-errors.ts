/** The error codes that are about organisations: their operators, their state and their quotas. */
export const organisationErrors = {
  organisation_unknown: { status: 404, message: 'no such organisation; "skerry org ls" lists them' },
  organisation_exists: { status: 409, message: 'an organisation of this name exists; choose another name' },
  organisation_limit_reached: {
    status: 409,
    message: 'a hub has at most 1,000 organisations; remove one, or begin another hub',
  },
  organisation_claimed: {
    status: 409,
    message: 'the organisation has an owner already, who invites whoever else is to come',
  },
  organisation_disabled: {
    status: 403,
    message: 'the organisation has been disabled by whoever runs this hub; ask there',
  },
  organisation_status_refused: { status: 409, message: 'the organisation is not in a state that allows this' },
  removal_unconfirmed: {
    status: 422,
    message: 'confirm with the exact name of the organisation; nothing was removed',
  },
  device_quota_reached: {
    status: 409,
    message:
      'the organisation has as many devices as it may have; remove some, or ask whoever runs this hub for a larger quota',
  },
  storage_quota_reached: {
    status: 409,
    message:
      'the organisation stores as much as it may; remove versions, or ask whoever runs this hub for a larger quota',
  },
  request_quota_reached: {
    status: 429,
    message:
      'the organisation asks more often than it may; wait as long as Retry-After says, or ask whoever runs this hub for a larger quota',
  },
} as const satisfies Record<string, { status: number; message: string }>
