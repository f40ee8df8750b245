/** The error codes about agents, operating systems, and devices that speak DDI. */
export const softwareErrors = {
  agent_missing: {
    status: 404,
    message: 'no agent package for this machine was pushed; push one with "skerry agent push"',
  },
  agent_invalid: {
    status: 422,
    message: 'agent.json or a part of the package has an error; the message says which',
  },
  os_invalid: { status: 422, message: 'the image is no signed .swu file; the message says why' },
  ddi_unknown: { status: 404, message: 'the device has an agent and does not speak DDI; see "skerry device show"' },
  ddi_taken: { status: 409, message: 'a device has this name or controller id already; choose another one' },
  ddi_token_refused: {
    status: 401,
    message: 'the target token does not belong to this device; "skerry device ddi token" makes a new one',
  },
  ddi_action_unknown: { status: 404, message: 'the device has no such action; it reads its actions at the next poll' },
  ddi_action_ended: { status: 410, message: 'the action has ended, so its feedback counts no more' },
} as const satisfies Record<string, { status: number; message: string }>
