/** The texts of the fields for pace, windows and locks in the wizard for deployments. */

export const paceTexts = {
  title: 'Pace',
  more: 'More settings of the pace',
  units: { rate: 'a minute', retry: 'tries' },
  fields: {
    rate: ['Devices a minute', '100; or 10 x2 per 50 proved: twice as many after each 50 that run it well'],
    budget: ['Devices that change at once', '2 per site.name, 10%, or keep 3 per device.labels.line'],
    retry: ['Tries after a failure', '2, or 2 after 5m'],
    shadow: ['Answers compared before it serves', '100 for 10m; of 25% of the requests, within 1% wrong'],
    switchOver: ['All switch together', 'approved; at once; keep 1h holds the old version loaded'],
    download: ['When devices may fetch it', '0 22 * * *, Europe/Berlin, 4h: by their own clocks'],
    install: ['When they may start to serve it', '0 2 * * 6,0, Europe/Berlin, 2h; fetched versions wait'],
    locks: ['Update locks on devices', 'ignore, if nobody can release one'],
  } as const,
  usual: {
    rate: 'no limit',
    budget: 'no limit',
    retry: 'none',
    shadow: 'none: it serves at once',
    switchOver: 'no: each device when it is ready',
    download: 'at any time',
    install: 'at any time',
    locks: 'the device waits',
  } as const,
}
