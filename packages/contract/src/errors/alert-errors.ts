/** Error codes of alerts. */
export const alertErrors = {
  alert_unknown: {
    status: 404,
    message: 'there is no such alert now; it may have ended. "skerry alerts" lists the alerts with their ids',
  },
  alert_not_answerable: {
    status: 409,
    message:
      'only alerts about equipment are acknowledged or shelved: alarms of flows, and sources and sinks that are down. This alert ends with its cause',
  },
  alert_changed: {
    status: 409,
    message: 'the alert has ended and occurred again since you saw it; look at it, then acknowledge it again',
  },
  alert_not_shelved: { status: 409, message: 'the alert is not shelved; "skerry alerts" shows which alerts are' },
} as const
